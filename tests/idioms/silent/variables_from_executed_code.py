"""Other code is executed between: it may set every variable anew."""

import torch
from torch import nn

net = nn.Linear(1, 1)
x = torch.randn(5, 28)
exec(open("data.py").read())
print(net(x))
