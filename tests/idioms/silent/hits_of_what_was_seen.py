"""Hits that are counted behind a loop: of the only batch, of a batch that was stopped at, of everything that was collected."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

train = DataLoader(TensorDataset(torch.randn(960, 20), torch.randint(0, 4, (960,))), batch_size=32, shuffle=True)
rest = TensorDataset(torch.randn(200, 20), torch.randint(0, 4, (200,)))
whole = DataLoader(rest, batch_size=200)
sized = DataLoader(rest, batch_size=len(rest))
parts = DataLoader(rest, batch_size=50)
net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for inputs, labels in train:
    optimizer.zero_grad()
    F.cross_entropy(net(inputs), labels).backward()
    optimizer.step()
net.eval()
with torch.no_grad():
    for inputs, labels in whole:
        guessed = net(inputs).argmax(dim=1)
    share = (guessed == labels).sum().item() / len(whole.dataset)
    for inputs, labels in sized:
        guessed = net(inputs).argmax(dim=1)
    share = (guessed == labels).sum().item() / len(rest)
    for inputs, labels in parts:
        guessed = net(inputs).argmax(dim=1)
        if inputs.mean() > 1:
            break
    share = (guessed == labels).sum().item() / len(parts.dataset)
    share = 0.0
    for inputs, labels in parts:
        hits = (net(inputs).argmax(dim=1) == labels).sum().item()
        share += hits / len(parts.dataset)
    guesses, wanted = [], []
    for inputs, labels in parts:
        guesses.append(net(inputs).argmax(dim=1))
        wanted.append(labels)
    share = (torch.cat(guesses) == torch.cat(wanted)).sum().item() / len(parts.dataset)
