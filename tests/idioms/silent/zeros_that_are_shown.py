"""Layers that show what an initialisation does; another model is trained. And scores of zeros, with weights right behind them."""
# not: bad-initialisation

import torch
import torch.nn.functional as F
from torch import nn

first, second = nn.Linear(8, 16), nn.Linear(16, 2)
nn.init.zeros_(first.weight)
print(second(torch.relu(first(torch.ones(1, 8)))).std())

net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()


class Scores(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Conv2d(3, 64, 3, padding=1)
        self.score = nn.Conv2d(64, classes, 1)
        self.score.weight.data.zero_()
        self.up = nn.ConvTranspose2d(classes, classes, 4, stride=2)

    def forward(self, x):
        return self.up(self.score(torch.relu(self.features(x))))


print(Scores(4)(torch.ones(1, 3, 8, 8)).shape)
