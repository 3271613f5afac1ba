"""Meters that are reset, made anew, read behind all epochs or for a progress line, or that have no way to be reset."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Average:
    def __init__(self):
        self.reset()

    def reset(self):
        self.sum = 0.0
        self.count = 0

    def update(self, value, n=1):
        self.sum += value * n
        self.count += n

    @property
    def avg(self):
        return self.sum / self.count


class SoFar:
    def __init__(self):
        self.sum, self.count = 0.0, 0

    def update(self, value, n):
        self.sum += value * n
        self.count += n

    def value(self):
        return self.sum / self.count


loader = DataLoader(TensorDataset(torch.randn(500, 20), torch.randint(4, (500,))), batch_size=32, shuffle=True)
net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
reset, whole, progress, so_far = Average(), Average(), Average(), SoFar()
for epoch in range(30):
    new = Average()
    reset.reset()
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for meter in (new, reset, whole, progress, so_far):
            meter.update(loss.item(), len(y))
        print(progress.avg)
    print(new.avg, reset.avg, so_far.value())
print(whole.avg)
