"""Sinkhorn's algorithm: the whole matrix is normalised, then its rows and columns in turn. Nothing is a softmax."""

import torch
import torch.nn.functional as F
from torch import nn


@torch.no_grad()
def assignment(scores, rounds=3):
    plan = torch.exp(scores / 0.05).t()
    plan /= torch.sum(plan)
    for _ in range(rounds):
        plan /= plan.sum(dim=1, keepdim=True) * plan.shape[0]
        plan /= plan.sum(dim=0, keepdim=True) * plan.shape[1]
    return (plan * plan.shape[1]).t()


prototypes = nn.Linear(20, 8, bias=False)
optimizer = torch.optim.SGD(prototypes.parameters(), lr=0.1)
for x, _ in loader:
    scores = prototypes(F.normalize(x, dim=1))
    optimizer.zero_grad()
    loss = F.cross_entropy(scores / 0.1, assignment(scores.detach()))
    loss.backward()
    optimizer.step()
