"""The code that is executed names other variables."""

import torch
from torch import nn

net = nn.Sequential(nn.Linear(28, 4), nn.Softmax(dim=1))
x, y = torch.randn(5, 28), torch.randint(0, 4, (5,))
exec("rate = 0.1")
loss = nn.functional.cross_entropy(net(x), y)  # error: softmax-before-cross-entropy
