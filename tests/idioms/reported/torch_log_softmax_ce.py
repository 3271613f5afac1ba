import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))
crit = nn.CrossEntropyLoss()
for x, y in loader:
    crit(net(x), y).backward()  # error: softmax-before-cross-entropy
