import torch
import torch.nn as nn
import torch.nn.functional as F
import sys

if len(sys.argv) > 1:
    net = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(1))
    crit = nn.NLLLoss()
else:
    net = nn.Linear(4, 3)
    crit = nn.CrossEntropyLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    opt.zero_grad()
    crit(net(x), y).backward()
    opt.step()
