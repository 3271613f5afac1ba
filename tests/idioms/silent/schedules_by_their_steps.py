"""Schedules that are stepped as they count."""

import torch
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, MultiStepLR, StepLR
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

F = nn.functional
loader = DataLoader(datasets.MNIST(".", train=True, transform=transforms.ToTensor()), batch_size=64, shuffle=True)
epochs = 12
total = epochs * len(loader)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
sgd = torch.optim.SGD(net.parameters(), lr=0.1)


def per_batch(scheduler):
    for epoch in range(epochs):
        for x, y in loader:
            sgd.zero_grad()
            F.cross_entropy(net(x), y).backward()
            sgd.step()
            scheduler.step()


def per_epoch(scheduler):
    for epoch in range(epochs):
        for x, y in loader:
            sgd.zero_grad()
            F.cross_entropy(net(x), y).backward()
            sgd.step()
        scheduler.step()


per_batch(LambdaLR(sgd, lambda step: 1 - step / total))
per_batch(MultiStepLR(sgd, [3000, 6000, 9000]))
per_batch(ExponentialLR(sgd, 0.999))
per_batch(StepLR(sgd, len(loader), gamma=0.5))
per_epoch(LambdaLR(sgd, lambda epoch: 1 - epoch * len(loader) / total))
per_epoch(LambdaLR(sgd, lambda epoch: 1 - epoch / epochs))
per_epoch(StepLR(sgd, 4, gamma=0.1))
once = ExponentialLR(sgd, 0.99)
for x, y in loader:
    sgd.zero_grad()
    F.cross_entropy(net(x), y).backward()
    sgd.step()
    once.step()
