"""Buffers whose names are made in a loop, or come from elsewhere."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(2):
            self.register_buffer("table%d" % i, torch.zeros(4))

    def forward(self, x):
        return x + self.table0 + self.table1


class Other(nn.Module):
    def __init__(self, tables):
        super().__init__()
        for name, table in tables:
            self.register_buffer(name, table)

    def forward(self, x):
        return x + self.mean


Net()(x), Other(tables)(x)
