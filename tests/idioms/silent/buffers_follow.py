"""Buffers go where their module goes."""

import torch
from torch import nn


class Decoder(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net
        self.register_buffer("start", torch.zeros(1, 8))

    def forward(self, steps):
        return self.net(self.start.repeat(steps, 1))


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = nn.Sequential(nn.Linear(8, 8), nn.ReLU()).to(device)
decoder = Decoder(net).to(device)
decoder(4)
