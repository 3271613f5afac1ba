"""Close to what is silent: the first batch is judged; a network with one output chooses; a class is surely called on data."""

import torch
from torch import nn
from torch.utils.data import DataLoader


class One(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(20, 1)
        self.second = nn.Linear(20, 1)

    def forward(self, x):
        return self.first(x) + self.second(x)


chosen = One()(torch.randn(8, 20)).argmax(dim=1)  # error: argmax-one-output

net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(0.5), nn.Linear(8, 4))
with torch.no_grad():
    for x, y in DataLoader(data, batch_size=64):  # error: evaluation-in-training-mode
        print((net(x).argmax(dim=1) == y).float().mean())
        break

hidden = nn.ReLU(net(torch.randn(8, 20)))  # error: class-called-on-tensor
