import torch
import torch.nn as nn
import torch.nn.functional as F


class F_(nn.Module):
    def __init__(self):
        super().__init__()
        self.b = nn.Sequential(nn.Linear(4, 8), nn.ReLU())

    def forward(self, x):
        return self.b(x)


f = F_()
h = nn.Linear(8, 3)
opt = torch.optim.SGD([*f.parameters(), *h.parameters()], lr=0.1)
for x, y in loader:
    opt.zero_grad()
    F.cross_entropy(h(f(x)), y).backward()
    opt.step()
