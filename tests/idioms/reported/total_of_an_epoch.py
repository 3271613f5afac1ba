"""The total begins anew in each epoch."""

import torch
from torch import nn

net = nn.Linear(4, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(10):
    total = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        total += loss  # error: graph-accumulation
        optimizer.step()
    print(total.item())
