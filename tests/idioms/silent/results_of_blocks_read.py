"""Blocks whose results are read, that have nothing to learn, or that leave what is wanted somewhere else."""

import torch
from torch import nn


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.three = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.drop = nn.Dropout(0.1)
        self.one.register_forward_hook(self.keep)
        self.kept = None

    def keep(self, module, given, result):
        self.kept = result

    def forward(self, x):
        y = self.one(x)
        y = self.two(y)
        z = self.drop(x)
        z = self.three(x)
        a = self.two(x)
        b = self.two(x)
        c = self.one(x)
        c = self.three(self.kept)
        d = self.two(x)
        e = d
        d = self.three(x)
        _ = self.one(x)
        _ = self.two(x)
        return y + z + a + b + c + d + e


net = Chain()
print(net(torch.ones(3, 8)))
