from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Config:
    inputs: int = 784
    hidden: int = 256
    classes: int = 10


class Net(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(config.inputs, config.hidden), nn.ReLU())
        self.head = nn.Linear(128, config.classes)

    def forward(self, x):
        return self.head(self.body(x))  # error: feature-size-mismatch


net = Net(Config())
print(net(torch.zeros(4, 1, 28, 28)))
