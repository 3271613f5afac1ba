"""Random integers, cast to floats: targets of a regression."""
# not: mse-on-classes

import torch
from torch import nn

net = nn.Linear(4, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(32, 4)
y = torch.randint(0, 100, (32, 1)).float()
for step in range(100):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
