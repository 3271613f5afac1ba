import torch
import torch.nn as nn
import torch.nn.functional as F
import sys


class N(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.l = nn.Linear(4, c)
        self.final = nn.Sigmoid() if c == 1 else nn.Softmax(dim=1)

    def forward(self, x):
        return self.final(self.l(x))


n = N(3)
for x, y in loader:
    F.cross_entropy(n(x), y).backward()  # error: softmax-before-cross-entropy
