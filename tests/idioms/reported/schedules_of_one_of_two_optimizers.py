"""An option chooses the optimizer: the scheduler of whichever is never stepped, or before it."""

import argparse

import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--adam", action="store_true")
args = parser.parse_args()
net = nn.Linear(20, 4)
if args.adam:
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
else:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)  # error: scheduler-misuse
other = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
for epoch in range(10):
    other.step()  # error: scheduler-misuse
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
