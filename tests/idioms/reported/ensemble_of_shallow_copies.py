"""A shallow copy of a module is the same weights in another object."""

import copy
from copy import copy as another

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


net = Net()
members = [copy.copy(net) for _ in range(5)]  # error: one-layer-times-n
heads = nn.ModuleList(another(net.out) for _ in range(3))  # error: one-layer-times-n
begun_anew = nn.ModuleList([copy.copy(net).fresh() for _ in range(5)])  # error: one-layer-times-n
