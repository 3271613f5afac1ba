"""The hits of each batch replace those of the one before."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

train = DataLoader(TensorDataset(torch.randn(960, 20), torch.randint(0, 4, (960,))), batch_size=32, shuffle=True)
held_out = DataLoader(TensorDataset(torch.randn(200, 20), torch.randint(0, 4, (200,))), batch_size=50)
net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for inputs, labels in train:
    optimizer.zero_grad()
    F.cross_entropy(net(inputs), labels).backward()
    optimizer.step()
net.eval()
with torch.no_grad():
    for inputs, labels in held_out:
        correct = (net(inputs).argmax(dim=1) == labels).sum().item()
share = correct / len(held_out.dataset)  # error: accuracy-denominator
