"""Schedules that count batches in their function, and rates that are nothing behind the first epoch."""

import torch
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, MultiStepLR, StepLR
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

F = nn.functional
loader = DataLoader(datasets.MNIST(".", train=True, transform=transforms.ToTensor()), batch_size=64, shuffle=True)
epochs = 12


def with_warmup(optimizer, warmup, total):
    def factor(step):
        if step < warmup:
            return step / max(1, warmup)
        return max(0.0, (total - step) / max(1, total - warmup))

    return LambdaLR(optimizer, factor)


def train(scheduler, model, optimizer):
    for epoch in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        scheduler.step()  # error: scheduler-misuse


class Trainer:
    def __init__(self, make):
        self.model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1, momentum=0.9)
        self.scheduler = make(self.optimizer)

    def fit(self):
        for epoch in range(epochs):
            for x, y in loader:
                self.optimizer.zero_grad()
                F.cross_entropy(self.model(x), y).backward()
                self.optimizer.step()
                self.scheduler.step()  # error: scheduler-misuse


net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
sgd = torch.optim.SGD(net.parameters(), lr=0.1)
train(with_warmup(sgd, int(0.1 * epochs * len(loader)), epochs * len(loader)), net, sgd)
Trainer(lambda optimizer: StepLR(optimizer, 10, gamma=0.1)).fit()
Trainer(lambda optimizer: ExponentialLR(optimizer, 0.95)).fit()
Trainer(lambda optimizer: MultiStepLR(optimizer, [30, 60, 80])).fit()
