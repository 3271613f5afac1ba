"""A schedule that is only made to be looked at: the optimizer takes no step behind it."""

import torch
import torch.nn.functional as F
from torch import nn

net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in batches:
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 20)
print(scheduler.get_last_lr())
