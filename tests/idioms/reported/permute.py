import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Conv2d(3, 5, 1)
for x, y in loader:
    p = torch.softmax(net(x), dim=1)
    F.cross_entropy(p, y.squeeze(1)).backward()  # error: softmax-before-cross-entropy
