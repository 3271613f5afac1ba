import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, n_in=20, n_out=4):
        super().__init__()
        self.hidden = nn.Linear(n_in, 64)
        self.out = nn.Linear(64, n_out)

    def forward(self, inputs):
        x = torch.relu(self.hiden(inputs))  # error: unknown-attribute
        return self.out(x)


net = Net()
net(torch.zeros(1, 20))
