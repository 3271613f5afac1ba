"""The function of one epoch builds the optimizer."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, net, lr=0.01):
        self.net, self.lr = net, lr

    def train_one_epoch(self, loader):
        optimizer = torch.optim.SGD(self.net.parameters(), lr=self.lr, momentum=0.9)  # error: optimizer-in-loop
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(self.net(x), y).backward()
            optimizer.step()

    def fit(self, loader, epochs):
        for epoch in range(epochs):
            self.train_one_epoch(loader)


data = TensorDataset(torch.randn(64, 3), torch.randn(64, 2))
Trainer(nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))).fit(DataLoader(data, 8, shuffle=True), 30)
