"""One of two models is meant, and neither has what is asked for."""

import sys

from torch import nn


class One(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(4, 4)

    def forward(self, x):
        return self.query(x)


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(4, 4)
        self.key = nn.Linear(4, 4)

    def forward(self, x):
        return self.key(self.query(x))


net = One() if len(sys.argv) > 1 else Two()
print(net.qeury.weight.shape)  # error: unknown-attribute
print(list(net.paramters()))  # error: unknown-attribute
