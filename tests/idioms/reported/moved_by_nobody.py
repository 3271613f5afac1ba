"""A module whose parts are made where nothing says otherwise; and integers that are no amounts."""

import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)

    def forward(self, x):
        return self.layer(x)


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()

    def forward(self, x):
        return self.part(x)


net = Whole()
print(net(torch.ones(1, 4).to(device)))  # error: device-mismatch
y = torch.randint(0, 100, (32, 1))
nn.functional.mse_loss(net(torch.ones(32, 4)), y).backward()  # error: mse-on-classes
