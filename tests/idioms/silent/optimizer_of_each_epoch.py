"""A function builds the optimizer: with another rate in each round, for weights that are loaded again, or for many epochs."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

data = TensorDataset(torch.randn(64, 3), torch.randn(64, 2))
loader = DataLoader(data, batch_size=8, shuffle=True)


def run(model, lr=0.1):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()


def fit(model):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()


net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
lr = 0.1
for epoch in range(20):
    run(net, lr)
    lr *= 0.9
for lr in [0.1, 0.01]:
    run(net, lr)
for epoch in range(3):
    run(net, 0.1 / (epoch + 1))
for fold in range(5):
    net.load_state_dict(torch.load("start.pt", weights_only=True, map_location="cpu"))
    run(net)
for seed in range(5):
    run(nn.Linear(3, 2))
for task in range(20):
    fit(net)
