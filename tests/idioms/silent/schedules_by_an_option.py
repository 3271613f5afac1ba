"""An option chooses the scheduler, and whether it is stepped with each batch."""

import argparse

import torch
from torch import nn
from torch.optim import lr_scheduler

parser = argparse.ArgumentParser()
parser.add_argument("--scheduler", default="plateau")
args = parser.parse_args()


def train(loader, net, criterion, optimizer, scheduler):
    for x, y in loader:
        optimizer.zero_grad()
        criterion(net(x), y).backward()
        optimizer.step()
        if args.scheduler == "cyclic":
            scheduler.step()


net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
if args.scheduler == "exp":
    scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
elif args.scheduler == "plateau":
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=3)
else:
    scheduler = lr_scheduler.CyclicLR(optimizer, base_lr=0.01, max_lr=0.1)
for epoch in range(5):
    train(batches, net, nn.CrossEntropyLoss(), optimizer, scheduler)
