"""The line that counts stands behind the loop, one level too far to the left."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

train = DataLoader(TensorDataset(torch.randn(960, 20), torch.randint(0, 4, (960,))), batch_size=32, shuffle=True)
held_out = DataLoader(TensorDataset(torch.randn(200, 20), torch.randint(0, 4, (200,))), batch_size=50)
net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def score(loader):
    net.eval()
    hits = 0
    with torch.no_grad():
        for inputs, labels in loader:
            guessed = net(inputs).argmax(dim=1)
        hits += (guessed == labels).sum().item()
    return hits / len(loader.dataset)  # error: accuracy-denominator


for epoch in range(10):
    net.train()
    for inputs, labels in train:
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()
    print(epoch, score(held_out))
