import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(10, 10), nn.Linear(10, 2)

    def forward(self, x):
        x = nn.Dropout(0.3)(torch.relu(self.first(x)))  # error: dropout-always-on
        drop = nn.Dropout(p=0.2)  # error: dropout-always-on
        return self.last(drop(x))
