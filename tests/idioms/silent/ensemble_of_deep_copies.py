"""Copies with weights of their own, a copy of each of several modules, and copies of what has no weights."""

import copy

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(4, 8), nn.Linear(8, 1)

    def fresh(self):
        for layer in (self.hidden, self.out):
            layer.reset_parameters()
        return self

    def forward(self, x):
        return self.out(self.hidden(x).relu())


class Copied(Net):
    def __copy__(self):
        return copy.deepcopy(self)


net, copied = Net(), Copied()
members = nn.ModuleList([copy.deepcopy(net).fresh() for _ in range(5)])
views = [copy.copy(member) for member in members]
own = nn.ModuleList([copy.copy(copied) for _ in range(5)])
activations = nn.ModuleList([copy.copy(nn.ReLU()) for _ in range(3)])
new = nn.ModuleList([copy.copy(Net()) for _ in range(3)])
