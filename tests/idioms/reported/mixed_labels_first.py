# Labels that are mixed by shares which a distribution gives, and then take the place of the scores.
import torch
from torch import nn
from torch.distributions import Normal, Uniform

images, labels = torch.randn(200, 12), torch.randint(0, 3, (200,))
net = nn.Sequential(nn.Linear(12, 16), nn.GELU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters())


def entropy(scores, shares):
    return nn.functional.cross_entropy(shares, scores)  # error: swapped-loss-arguments


def smoothed(rows):
    even = Uniform(0.0, 0.2).sample((len(rows), 1))
    shares = nn.functional.one_hot(labels[rows], 3) * (1 - even) + even / 3
    return images[rows] + Normal(0.0, 0.1).sample((len(rows), 12)), shares


for rows in torch.randperm(200).split(20):
    noisy, shares = smoothed(rows)
    optimizer.zero_grad()
    entropy(net(noisy), shares).backward()
    optimizer.step()
