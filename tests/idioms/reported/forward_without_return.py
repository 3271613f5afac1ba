import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Linear(8, 2)

    def forward(self, x):
        x = torch.relu(self.a(x))
        x = self.b(x)  # error: input-ignored


Net()(torch.zeros(1, 8))
