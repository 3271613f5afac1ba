"""A model chosen by an option: the loss is the same for each, and does not fit one of them."""

import sys

import torch
import torch.nn.functional as F
from torch import nn


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(784, 10)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.softmax(self.head(x.flatten(1)))


class Large(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(784, 64)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return F.log_softmax(self.head(F.relu(self.body(x.flatten(1)))), dim=1)


if options.model == "small":
    net = Small()
elif options.model == "large":
    net = Large()
else:
    sys.exit("no such model")
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for images, labels in loader:
    optimizer.zero_grad()
    outputs = net(images)
    loss = criterion(outputs, labels)  # error: nll-without-log-softmax
    loss.backward()
    optimizer.step()
