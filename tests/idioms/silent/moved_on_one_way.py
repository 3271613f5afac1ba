"""A model that an option moves, and the data on each of the two ways."""

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        return self.layer(x)

    def loss(self, x, y):
        return F.cross_entropy(self.layer(x), y)


use_gpu = options.use_gpu and torch.cuda.is_available()
net = Net()
if use_gpu:
    net.cuda()
for x, y in batches:
    x, y = torch.FloatTensor(x), torch.LongTensor(y)
    if use_gpu:
        print(net.loss(x.cuda(), y.cuda()))
    else:
        print(net.loss(x, y))
