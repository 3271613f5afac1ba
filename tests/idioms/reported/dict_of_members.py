import torch
from torch import nn


class Ensemble(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.members = {i: nn.Linear(8, 2) for i in range(n)}  # error: unregistered-submodule

    def forward(self, x):
        return sum(m(x) for m in self.members.values())


m = Ensemble(3)
opt = torch.optim.SGD(m.parameters(), lr=1.0)
