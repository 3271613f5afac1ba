import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
for x, y in loader:
    loss = F.mse_loss(torch.round(net(x)), y)
    loss.backward()  # error: loss-without-gradient
