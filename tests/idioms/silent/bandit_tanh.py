import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    logits = 10 * torch.tanh(net(x))
    opt.zero_grad()
    F.cross_entropy(logits, y).backward()
    opt.step()
