"""An optimizer that the program defines steps as those of torch do: its gradients are never cleared."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import Optimizer


class SignDescent(Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.add_(parameter.grad.sign(), alpha=-group["lr"])


net = nn.Linear(20, 4)
optimizer = SignDescent(net.parameters())
for epoch in range(10):
    for x, y in batches:
        F.cross_entropy(net(x), y).backward()
        optimizer.step()  # error: missing-zero-grad
