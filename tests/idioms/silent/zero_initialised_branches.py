import torch, torch.nn as nn, torch.nn.functional as F


class Res(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 16, 3, padding=1)
        self.c2 = nn.Conv2d(16, 16, 3, padding=1)
        self.head = nn.Linear(16, 10)
        nn.init.zeros_(self.c2.weight)
        nn.init.constant_(self.head.weight, 0)
        nn.init.zeros_(self.c1.bias)

    def forward(self, x):
        h = F.relu(self.c1(x))
        h = F.relu(h + self.c2(h))
        return self.head(h.mean((2, 3)))


class Reset(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(100, 50))
        self.v = nn.Parameter(torch.empty(50, 10))
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.xavier_uniform_(self.w)
        nn.init.normal_(self.v, std=0.02)

    def forward(self, x):
        return F.relu(x @ self.w) @ self.v
