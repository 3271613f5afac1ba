"""The mean loss of an epoch, watched as if it were a score."""

import torch
import torch.nn.functional as F
from torch import nn

net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max")
for epoch in range(10):
    total = 0.0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step(total / len(batches))  # error: scheduler-misuse
