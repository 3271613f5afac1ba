import torch
import torch.nn as nn
import torch.nn.functional as F


class Q(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 64)
        self.b = nn.Linear(64, 2)

    def forward(self, x):
        return self.b(F.relu(self.a(x)))


q, t = Q(), Q()
opt = torch.optim.Adam(q.parameters())


def update(s, a, r, s2, done):
    qv = q(s).gather(1, a.unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        nxt = t(s2).max(1)[0]
    target = r + 0.99 * nxt * (1 - done)
    loss = F.mse_loss(qv, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
