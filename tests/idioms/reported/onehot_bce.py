import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Sigmoid())
crit = nn.BCELoss()  # error: bce-on-multiclass
for x, y in loader:
    t = F.one_hot(y, num_classes=10).float()
    loss = crit(net(x), t)
