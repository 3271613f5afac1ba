"""A function that nobody calls here makes a scheduler and hands it on: it may be stepped elsewhere."""

# not: scheduler-misuse
import torch
import torch.nn.functional as F
from torch import nn


def warm_up(loader):
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    return net, optimizer, scheduler
