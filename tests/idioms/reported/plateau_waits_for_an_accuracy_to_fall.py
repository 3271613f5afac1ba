"""What a function returns is an accuracy, and the scheduler is in the mode for losses."""

import torch
import torch.nn.functional as F
from torch import nn


def share_of_hits(net, loader):
    net.eval()
    hits = seen = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (net(x).argmax(dim=1) == y).sum().item()
            seen += y.size(0)
    return 100 * hits / seen


class Training:
    def __init__(self, net):
        self.net = net
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        self.plan = torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimizer, "min", patience=3)

    def run(self, epochs, train_loader, val_loader):
        for epoch in range(epochs):
            self.net.train()
            for x, y in train_loader:
                self.optimizer.zero_grad()
                F.cross_entropy(self.net(x), y).backward()
                self.optimizer.step()
            score = share_of_hits(self.net, val_loader)
            self.plan.step(score)  # error: scheduler-misuse


Training(nn.Linear(20, 4)).run(10, train_batches, val_batches)
