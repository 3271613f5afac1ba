"""Nobody calls the training: but it goes backward, so nobody has switched the gradients off. One of two models is trained."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, size), nn.ReLU(), nn.Dropout(0.5), nn.Linear(size, 4))

    def forward(self, x):
        return self.layers(x)


def accuracy(net, batches):
    right = total = 0
    for x, y in batches:  # error: evaluation-in-training-mode, evaluation-with-gradients
        right += (net(x).argmax(dim=1) == y).sum().item()
        total += y.size(0)
    return right / total


def fit(batches, held_out, kind):
    if kind == "small":
        net = Net(8)
    else:
        net = Net(64)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(5):
        net.train()
        for x, y in batches:
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
        print(accuracy(net, held_out))
