"""Phases whose values are tuples, by a comma too many."""

import enum

import torch
import torch.nn.functional as F
from torch import nn


class Phase(enum.Enum):
    TRAIN = (0,)
    VALIDATION = (1,)


def run(phase):
    for x, y in loader:
        loss = F.cross_entropy(net(x), y)
        if phase == Phase.TRAIN:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
run(Phase.TRAIN)
with torch.no_grad():
    run(Phase.VALIDATION)
