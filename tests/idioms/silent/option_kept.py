"""An option that a module keeps under its own name; `forward` and `reset_parameters` read it."""

import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self, requires_grad=True):
        super().__init__()
        self.requires_grad = requires_grad
        if requires_grad:
            self.scale = nn.Parameter(torch.ones(1))
        else:
            self.register_buffer("scale", torch.ones(1))

    def forward(self, x):
        return self.scale * x


fixed = Scaled(requires_grad=False)
