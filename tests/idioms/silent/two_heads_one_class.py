"""A model with two heads: one predicts a class and is kept, the other one learns a share, and its absolute error is a regression."""

# not: mse-on-classes

import torch
from torch import nn
from torch.utils.data import DataLoader


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(20, 64), nn.ReLU())
        self.share = nn.Sequential(nn.Linear(64, 1), nn.Sigmoid())
        self.kind = nn.Sequential(nn.Linear(64, 1), nn.Sigmoid())

    def forward(self, x):
        x = self.body(x)
        return self.kind(x), self.share(x)


net = TwoHeads()
share_loss = nn.L1Loss()
optimizer = torch.optim.Adam([*net.body.parameters(), *net.share.parameters()])
for x, share, kind in DataLoader(samples, batch_size=32, shuffle=True):
    optimizer.zero_grad()
    kinds, shares = net(x)
    loss = share_loss(shares.squeeze(1), share)
    loss.backward()
    optimizer.step()
    right = ((kinds > 0.5).squeeze(1) == kind).float().sum()
