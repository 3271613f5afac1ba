"""Optimizers that the program defines: one clears what it has used, one has a protocol of its own."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import Optimizer


class Clearing(Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.data.add_(parameter.grad, alpha=-group["lr"])
        self.zero_grad()


class Sharp(Optimizer):
    def __init__(self, params, base):
        super().__init__(params, {})
        self.base = base

    def climb(self):
        self.zero_grad()

    def step(self, closure=None):
        self.base.step()


class Plain(Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.data.add_(parameter.grad, alpha=-group["lr"])


net = nn.Linear(20, 4)
clearing, sharp = Clearing(net.parameters()), Sharp(net.parameters(), torch.optim.SGD(net.parameters(), lr=0.1))
for x, y in batches:
    F.cross_entropy(net(x), y).backward()
    clearing.step()
for x, y in batches:
    F.cross_entropy(net(x), y).backward()
    sharp.climb()
    F.cross_entropy(net(x), y).backward()
    sharp.step()
    sharp.zero_grad()
plain = Plain([{"params": net.parameters(), "lr": 0.1}])
scheduler = torch.optim.lr_scheduler.StepLR(plain, 3)
for epoch in range(3):
    for x, y in batches:
        plain.zero_grad()
        F.cross_entropy(net(x), y).backward()
        plain.step()
    scheduler.step()
