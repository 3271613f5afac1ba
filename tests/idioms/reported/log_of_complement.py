import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
p = net(x)
loss = -torch.log(1 - p).mean()  # error: unstable-softmax
kept = -torch.log(1 - p.clamp(1e-6, 1 - 1e-6)).mean()
