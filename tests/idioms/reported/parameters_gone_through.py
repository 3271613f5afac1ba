"""A generator that two loops go through, and one that the rounds of a loop share."""

import torch
from torch import nn

net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def clip(params, most):
    norm = 0.0
    for p in params:
        norm += (p.grad**2).sum().item()
    if norm > most:
        for p in params:  # error: exhausted-parameters
            p.grad *= most / norm


for x, y in loader:
    optimizer.zero_grad()
    ((net(x) - y) ** 2).mean().backward()
    clip(net.parameters(), 1.0)
    optimizer.step()
params = net.parameters()
for x, y in loader:
    optimizer.zero_grad()
    ((net(x) - y) ** 2).mean().backward()
    for p in params:  # error: exhausted-parameters
        p.grad.clamp_(-1, 1)
    optimizer.step()
