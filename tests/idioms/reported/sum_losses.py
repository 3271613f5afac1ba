import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
l1 = nn.BCEWithLogitsLoss()
for x, y in loader:
    out = net(x).view(-1)
    loss = 0.5 * l1(out, y) + 0.1 * out.abs().mean()  # error: sigmoid-before-bce-with-logits
    loss.backward()
