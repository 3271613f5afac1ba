import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 1)
crit = nn.BCELoss()
for x, y in loader:
    loss = crit(net(x).squeeze(), y)  # error: bce-on-logits
    loss.backward()
