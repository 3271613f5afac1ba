"""The result of one layer is overwritten by the next one; the method calls its object `this`."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(this):
        super().__init__()
        this.first = nn.Linear(20, 16)
        this.second = nn.Linear(20, 16)
        this.head = nn.Linear(16, 3)

    def forward(this, x):
        hidden = this.first(x)  # error: input-ignored
        hidden = this.second(x)
        return this.head(torch.relu(hidden))


print(Net()(torch.randn(4, 20)).shape)
