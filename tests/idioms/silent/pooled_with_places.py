"""Pooling that returns the places of the largest values as well."""

import torch
import torch.nn.functional as F
from torch import nn


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.pool = nn.MaxPool2d(2, 2, return_indices=True)
        self.conv = nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        x, places = self.pool(x)
        return self.conv(x), places


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = Down(16, 64), Down(64, 128)

    def forward(self, x):
        x, _ = self.first(x)
        x, _ = F.max_pool2d(x, 2, return_indices=True)
        return self.second(x)


print(Net()(torch.randn(1, 16, 256, 256))[0].shape)
