"""A model in a wrapper is handed to an evaluation that nothing is known about: it may be in evaluation mode now."""
# not: evaluation-in-training-mode

import torch
import torch.nn.functional as F
from torch import nn


def train(net):
    net = nn.DataParallel(net).to(device)
    for epoch in range(10):
        net.train()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        accuracy_of(net, test_loader)


net = nn.Sequential(nn.Linear(20, 20), nn.BatchNorm1d(20), nn.Linear(20, 4))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
train(net)
correct = 0
for x, y in test_loader:
    correct += (net(x).argmax(dim=1) == y).sum().item()
