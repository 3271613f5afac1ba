"""A table of activations, one of them a class: which one is meant an option says."""

import torch
from torch import nn


def swish(x):
    return x * torch.sigmoid(x)


ACTIVATIONS = {"relu": nn.ReLU, "swish": swish}


class Block(nn.Module):
    def __init__(self, size, settings):
        super().__init__()
        self.inner = nn.Linear(size, size)
        self.outer = nn.Linear(size, size)
        self.act = ACTIVATIONS[settings.activation]

    def forward(self, x):
        return self.outer(self.act(self.inner(x)))
