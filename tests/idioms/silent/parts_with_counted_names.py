"""Parts of a container that are added in a long loop, under names that count."""

import torch
from torch import nn


class Layer(nn.Sequential):
    def __init__(self, size, growth):
        super().__init__()
        self.add_module("norm", nn.BatchNorm2d(size))
        self.add_module("conv", nn.Conv2d(size, growth, 3, padding=1))

    def forward(self, x):
        return torch.cat([x, super().forward(x)], 1)


class Block(nn.Sequential):
    def __init__(self, count, size, growth):
        super().__init__()
        for i in range(count):
            self.add_module("layer%d" % (i + 1), Layer(size + i * growth, growth))


class Net(nn.Module):
    def __init__(self, counts=(6, 12, 24), growth=8, size=16):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, size, 3))
        for i, count in enumerate(counts):
            self.features.add_module("block%d" % i, Block(count, size, growth))
            size += count * growth
            self.features.add_module("norm%d" % i, nn.BatchNorm2d(size))

    def forward(self, x):
        return self.features(x)


print(Net()(torch.ones(1, 3, 32, 32)).shape)
