import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.proj = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x):
        return self.norm(self.proj(x))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.head = nn.Linear(32, 2)

    def forward(self, x):
        x = self.encoder.forward(x)  # error: forward-called-directly
        return self.head(x)


model = Model()
print(model(torch.zeros(2, 32)))
