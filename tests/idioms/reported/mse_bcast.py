import torch
import torch.nn as nn
import torch.nn.functional as F

X = torch.randn(100, 3)
y = torch.randn(100)
net = nn.Linear(3, 1)
crit = nn.MSELoss()
for e in range(100):
    out = net(X)
    loss = crit(out, y)  # error: loss-shape-broadcast
    loss.backward()
