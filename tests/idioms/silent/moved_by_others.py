"""A module that draws random numbers on the accelerator: whoever makes it moves it there."""

import torch
from torch import nn


class Mapping(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(size, 8), nn.ReLU(), nn.Linear(8, 8))

    def forward(self, style):
        return self.layers(style.view(style.size(0), -1))


class Part(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.inner = Mapping(size)

    def decode(self, style):
        return self.inner(style)


class Mixer(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size
        self.part = Part(size)

    def sample(self, x):
        style = torch.randn(x.size(0), self.size, 1, 1).cuda()
        return self.part.decode(style)
