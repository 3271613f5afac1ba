import torch
import torch.nn as nn
import torch.nn.functional as F


class S(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Conv2d(3, 10, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, x):
        return self.f(x).flatten(1)


s = S()
opt = torch.optim.SGD(s.parameters(), 0.1)
for x, y in loader:
    opt.zero_grad()
    F.cross_entropy(s(x), y).backward()
    opt.step()
