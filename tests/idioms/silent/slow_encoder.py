"""A slow copy follows the trained encoder; its BatchNorm sees each batch, as it should."""

# not: frozen-batchnorm-moves
import copy
import torch
import torch.nn.functional as F
from torch import nn


def freeze(model):
    for p in model.parameters():
        p.requires_grad = False


@torch.no_grad()
def follow(online, slow, m):
    for p, q in zip(slow.parameters(), online.parameters()):
        p.data = p.data * m + q.data * (1 - m)


class TwoViews(nn.Module):
    def __init__(self):
        super().__init__()
        self.online = nn.Sequential(nn.Linear(20, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU())
        self.slow = copy.deepcopy(self.online)
        freeze(self.slow)

    def forward(self, x):
        return self.online(x)

    def target(self, x):
        return self.slow(x).detach()


net = TwoViews()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(10):
    for a, b in loader:
        follow(net.online, net.slow, 0.99)
        loss = F.mse_loss(net(a), net.target(b))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
