"""A clock at the start of an epoch does not make a benchmark of what follows."""

import time

import torch
import torch.nn.functional as F
from torch import nn

net = nn.Linear(784, 10)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(10):
    start = time.time()
    for x, y in batches:
        x = x + 0
        torch.flatten(x, 1)  # error: result-discarded
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    print(time.time() - start)
