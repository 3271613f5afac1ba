"""Models chosen by an option, and what is done with the output of each chosen alike."""

import torch
import torch.nn.functional as F
from torch import nn


class Probable(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(784, 10)

    def forward(self, x):
        return torch.softmax(self.head(x.flatten(1)), dim=1)


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(784, 10)

    def forward(self, x):
        return self.head(x.flatten(1))


net = Probable() if options.probable else Plain()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for images, labels in loader:
    optimizer.zero_grad()
    outputs = net(images)
    if options.probable:
        loss = F.nll_loss(torch.log(outputs + 1e-9), labels)
    else:
        loss = F.cross_entropy(outputs, labels)
    loss.backward()
    optimizer.step()

criterion = nn.NLLLoss() if options.probable else nn.CrossEntropyLoss()
for images, labels in loader:
    outputs = net(images)
    if options.probable:
        outputs = torch.log(outputs + 1e-9)
    optimizer.zero_grad()
    criterion(outputs, labels).backward()
    optimizer.step()
