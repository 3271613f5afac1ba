import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
for x, y in loader:
    F.nll_loss(F.softmax(net(x), dim=1), y).backward()  # error: nll-without-log-softmax
