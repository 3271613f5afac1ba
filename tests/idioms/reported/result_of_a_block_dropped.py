"""A block that is applied to the input instead of the result of the block before it."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x):
        return torch.relu(self.linear(x))


class Chain(nn.Module):
    def __init__(self, deep):
        super().__init__()
        self.one, self.two, self.three = Block(8), Block(8), Block(8)
        self.norm = nn.Sequential(nn.Linear(8, 8), nn.Tanh())
        self.deep = deep

    def forward(self, x):
        h = self.norm(x)
        if self.deep:
            y = self.one(h)  # error: input-ignored
            y = self.two(h)
        else:
            y = self.norm(h)  # error: input-ignored
            y = self.three(h)
        return y


net = Chain(True)
print(net(torch.ones(3, 8)))
