import torch
import torch.nn as nn
from torch.utils.data import DataLoader

MODELS = {}


def register(cls):
    MODELS[cls.__name__.lower()] = cls
    return cls


@register
class Tiny(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.blocks = [nn.Conv2d(3, width, 3), nn.Conv2d(width, width, 3)]  # error: unregistered-submodule
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        for block in self.blocks:
            x = torch.relu(block(x))
        return self.head(x.mean((2, 3)))


def build(name, **options):
    return MODELS[name](**options)


model = build("tiny", width=16)
optimizer = torch.optim.AdamW(model.parameters())
