"""How many rows the scores have says nothing about their columns."""

from torch import nn


def loss_of(out, y):
    if out.shape[0] > 1:
        return nn.CrossEntropyLoss()(out, y)  # error: cross-entropy-one-output
    return 0.0


net = nn.Sequential(nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 1))
for x, y in batches:
    print(loss_of(net(x), y))
