import torch
import torch.nn as nn
import torch.nn.functional as F

m = nn.Linear(4, 3)
opt = torch.optim.SGD(m.parameters(), 0.1)
for x, y in loader:
    lam = 0.3
    idx = torch.randperm(x.size(0))
    x2 = lam * x + (1 - lam) * x[idx]
    t = lam * F.one_hot(y, 3).float() + (1 - lam) * F.one_hot(y[idx], 3).float()
    opt.zero_grad()
    F.cross_entropy(m(x2), t).backward()
    opt.step()
