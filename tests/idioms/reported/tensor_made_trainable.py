import torch
from torch import nn


class PositionalEncoding(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.scale = torch.ones(dim).requires_grad_()  # error: unregistered-submodule
        self.lin = nn.Linear(dim, dim)

    def forward(self, x):
        return self.lin(x) * self.scale


m = PositionalEncoding(8)
opt = torch.optim.SGD(m.parameters(), lr=1.0)
