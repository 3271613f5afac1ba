# not: dropout-always-on
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.kept = nn.Linear(10, 10), None

    def forward(self, x):
        x = nn.Dropout(0.3).train(self.training)(torch.relu(self.first(x)))
        drop = nn.Dropout2d(p=0.3)
        drop.train(self.training)
        x = drop(x)
        if self.training:
            x = nn.Dropout(0.2)(x)
        if self.kept is None:
            self.kept = nn.Dropout(0.3)
        return self.kept(nn.Dropout(0)(x))
