"""Schedulers that other schedulers step."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import ChainedScheduler, CosineAnnealingLR, LinearLR, MultiStepLR, SequentialLR

net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
chained = ChainedScheduler([LinearLR(optimizer), MultiStepLR(optimizer, milestones=[30])])
warmup, cosine = LinearLR(optimizer, total_iters=5), CosineAnnealingLR(optimizer, T_max=95)
sequence = SequentialLR(optimizer, schedulers=[warmup, cosine], milestones=[5])
for epoch in range(100):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    chained.step()
    sequence.step()
