import torch
from torch import nn


class Outer(nn.Module):
    class Inner(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.gate = nn.Linear(size, size)

        def forward(self, x):
            F = nn.functional
            F.dropout(x, 0.5, training=self.training)  # error: result-discarded
            return torch.sigmoid(self.gate(x)) * x

    def __init__(self):
        super().__init__()
        self.inner = self.Inner(8)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.inner(x))


print(Outer()(torch.zeros(2, 8)))
