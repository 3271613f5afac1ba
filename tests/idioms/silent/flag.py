import torch
import torch.nn as nn
import torch.nn.functional as F


class N(nn.Module):
    def __init__(self, probs=False):
        super().__init__()
        self.f = nn.Linear(4, 3)
        self.probs = probs

    def forward(self, x):
        out = self.f(x)
        if self.probs:
            return F.softmax(out, dim=1)
        return out


n = N()
opt = torch.optim.SGD(n.parameters(), 0.1)
for x, y in loader:
    opt.zero_grad()
    F.cross_entropy(n(x), y).backward()
    opt.step()
