"""Each view of a batch is compared with each other one; how many there are is not known."""

import torch
import torch.nn.functional as F
from torch import nn

net = nn.Linear(8, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def agreement(features):
    total = 0
    for a in features:
        for b in features:
            if a is not b:
                total = total + F.mse_loss(a, b)
    for i in range(len(features)):
        for j in range(i):
            total = total + F.mse_loss(features[i], features[j])
    for i, (a, _) in enumerate(zip(features, features)):
        for j, b in enumerate(features):
            if i != j:
                total = total + F.mse_loss(a, b)
    return total


def two(views):
    pair = (net(views[0]), net(views[1]))
    return sum(F.l1_loss(a, b) for a in pair for b in pair if a is not b)


for views in loader:
    optimizer.zero_grad()
    loss = agreement([net(view) for view in views]) + two(views)
    loss.backward()
    optimizer.step()
