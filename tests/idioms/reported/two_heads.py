import torch
import torch.nn as nn
import torch.nn.functional as F


class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)
        self.b = nn.Linear(4, 1)

    def forward(self, x):
        return F.softmax(self.a(x), dim=1), self.b(x)


n = N()
for x, (y, z) in loader:
    p, q = n(x)
    loss = F.cross_entropy(p, y) + F.mse_loss(q, z)  # error: softmax-before-cross-entropy
    loss.backward()
