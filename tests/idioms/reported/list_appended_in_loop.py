import torch
from torch import nn


class Ensemble(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.members = []  # error: unregistered-submodule
        for _ in range(n):
            self.members.append(nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2)))

    def forward(self, x):
        return torch.stack([m(x) for m in self.members]).mean(0)


m = Ensemble(3)
opt = torch.optim.SGD(m.parameters(), lr=1.0)
