import torch
import torch.nn as nn
import torch.nn.functional as F

m = nn.Conv2d(3, 4, 1)
opt = torch.optim.SGD(m.parameters(), 0.1)
for x, y in loader:
    out = m(x)
    opt.zero_grad()
    F.cross_entropy(out, y.squeeze(1).long()).backward()
    opt.step()
