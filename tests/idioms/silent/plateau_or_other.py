"""The kind of a scheduler is asked for before it is stepped."""

import torch
import torch.nn.functional as F
from torch import nn


def fit(net, optimizer, scheduler):
    for epoch in range(10):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            scheduler.step(validate(net))
        else:
            scheduler.step()


net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
fit(net, optimizer, torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer))
