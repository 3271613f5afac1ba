"""What is made outside of `with device:` is on the CPU."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x):
        return self.layer(x)


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
with device:
    net = Net()
print(net(torch.ones(3, 4)))  # error: device-mismatch
