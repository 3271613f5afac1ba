"""Each loop asks for the parameters, or they are in a list."""

import torch
from torch import nn

net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
params = list(net.parameters())


def clip(params, most):
    params = list(params)
    norm = sum((p.grad**2).sum().item() for p in params)
    if norm > most:
        for p in params:
            p.grad *= most / norm


for epoch in range(10):
    own = net.parameters()
    for p in own:
        print(p.shape)
    for x, y in loader:
        optimizer.zero_grad()
        ((net(x) - y) ** 2).mean().backward()
        clip(net.parameters(), 1.0)
        for p in params:
            p.grad.clamp_(-1, 1)
        for p in net.parameters():
            p.grad.clamp_(-1, 1)
        optimizer.step()
