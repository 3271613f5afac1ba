import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    opt.zero_grad()
    F.binary_cross_entropy_with_logits(net(x).squeeze(1), y.to(torch.float32)).backward()
    opt.step()
