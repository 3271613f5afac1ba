"""A total that begins anew in each iteration keeps one graph."""
# not: graph-accumulation

import torch
from torch import nn

net = nn.Linear(4, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    total = 0
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    total += loss
    optimizer.step()
    print(total.item())
