"""One of several schedulers is stepped per batch, the others where a test says so; another has a step of its own."""

import torch
from torch import nn
from torch.optim import lr_scheduler


class WithWarmup:
    def __init__(self, optimizer):
        self.optimizer = optimizer

    def step_metric(self, value):
        self.last = value


def fit(settings, batches):
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    if settings.policy == "step":
        scheduler = lr_scheduler.StepLR(optimizer, 3)
    elif settings.policy == "cycle":
        scheduler = lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, epochs=5, steps_per_epoch=len(batches))
    for epoch in range(5):
        for x, y in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
        if not isinstance(scheduler, lr_scheduler.OneCycleLR):
            scheduler.step()


fit(read(), list_of_batches)
net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
if policy == "step":
    scheduler = lr_scheduler.StepLR(optimizer, 3)
else:
    scheduler = WithWarmup(optimizer)
for epoch in range(5):
    for x, y in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    scheduler.step_metric(0.5)
