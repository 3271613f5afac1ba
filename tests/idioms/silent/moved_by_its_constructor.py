"""Modules that are on the device when they are made, and parts that one of two ways puts there."""

import sys

import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Itself(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.to(device)

    def forward(self, x):
        return self.layer(x)


class OneLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4).to(device)

    def forward(self, x):
        return self.layer(x)


class OwnWeight(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 4).to(device))

    def forward(self, x):
        return x @ self.weight


class Split(nn.Module):
    def __init__(self, split):
        super().__init__()
        self.parts = nn.ModuleList([Itself(), nn.Linear(4, 4)])
        if split:
            self.parts[0].to(device)
            self.parts[1].to("cpu")
        else:
            self.to(device)

    def forward(self, x):
        return self.parts[1](torch.relu(self.parts[0](x)))


x = torch.ones(1, 4).to(device)
print(Itself()(x), OneLayer()(x), OwnWeight()(x), Split(len(sys.argv) > 1)(x))
