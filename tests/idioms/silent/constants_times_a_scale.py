"""Random weights times a scale, and a constant times random signs."""

import torch
from torch import nn


class Linear(nn.Module):
    def __init__(self, n_in, n_out, scale=0.05):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out) * scale)
        self.gate = nn.Parameter(torch.ones(n_in, n_out) * 0.1 * torch.randn(n_in, n_out))

    def forward(self, x):
        return torch.relu(x @ self.weight) + x @ self.gate


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = Linear(64, 50), Linear(50, 10)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


net = Net()
optimizer = torch.optim.Adam(net.parameters())
for step in range(100):
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(torch.randn(8, 64)), torch.randint(10, (8,))).backward()
    optimizer.step()
