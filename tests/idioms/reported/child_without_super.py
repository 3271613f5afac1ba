import torch
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)


class Child(Base):
    def __init__(self):
        self.extra = nn.Linear(4, 2)  # error: missing-super-init

    def forward(self, x):
        return self.extra(self.layer(x))


Child()
