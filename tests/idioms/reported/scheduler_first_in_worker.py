"""A worker that another process starts: nothing here calls it."""

import torch
import torch.nn.functional as F
from torch import nn


def worker(rank, loader, epochs):
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(epochs):
        scheduler.step()  # error: scheduler-misuse
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
