# not: bad-initialisation
# not: training-in-eval-mode
"""The channels are averaged by a convolution with one output: no other unit is like it. A copy is evaluated in its own mode."""

import copy

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gray = nn.Conv2d(3, 1, 1)
        self.gray.weight.data.fill_(1 / 3)
        self.edges = nn.Conv2d(1, 16, 3)
        self.last = nn.Linear(16, 10)

    def forward(self, x):
        return self.last(torch.relu(self.edges(self.gray(x))).mean((2, 3)))


def fit(settings, batches, held_out):
    net = make(settings)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        shown = copy.deepcopy(net).eval()
        with torch.no_grad():
            print(sum((shown(x).argmax(dim=1) == y).sum().item() for x, y in held_out))


for size in (8, 16):
    fit(size, train_batches, test_batches)
    print(Net()(torch.randn(4, 3, 8, 8)).square().mean().backward())
