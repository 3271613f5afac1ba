"""Zeros before an activation, in a model that is trained; and zeros before more zeros."""

import torch
import torch.nn.functional as F
from torch import nn

net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
nn.init.zeros_(net[0].weight)  # error: bad-initialisation
other = nn.Sequential(nn.Linear(8, 16), nn.Linear(16, 2))
nn.init.zeros_(other[0].weight)  # error: bad-initialisation
nn.init.zeros_(other[1].weight)
optimizer = torch.optim.SGD([*net.parameters(), *other.parameters()], lr=0.1)
for x, y in loader:
    optimizer.zero_grad()
    (F.cross_entropy(net(x), y) + F.cross_entropy(other(x), y)).backward()
    optimizer.step()
