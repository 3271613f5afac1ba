import torch
from torch import nn


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleDict({"a": nn.Linear(8, 16), "b": nn.Linear(20, 4)})

    def forward(self, x):
        return self.parts["b"](torch.relu(self.parts["a"](x)))  # error: feature-size-mismatch


print(Branches()(torch.zeros(2, 8)))
