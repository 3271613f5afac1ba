"""An option chooses the scheduler, and the way it is stepped."""

# not: removed-api

import argparse

import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--plateau", action="store_true")
args = parser.parse_args()
net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
if args.plateau:
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max")
else:
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5)
for epoch in range(10):
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    if args.plateau:
        scheduler.step(validate(net))
    else:
        scheduler.step()
