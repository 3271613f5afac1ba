import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
for x, y in loader:
    pred = net(x).argmax(dim=1)
    loss = (pred != y).float().mean()
    loss.backward()  # error: loss-without-gradient
