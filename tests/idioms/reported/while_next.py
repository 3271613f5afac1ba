import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 1)
crit = nn.BCELoss()
it = iter(loader)
for step in range(100):
    x, y = next(it)
    crit(net(x), y).backward()  # error: bce-on-logits
