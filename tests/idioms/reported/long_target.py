import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
for x, y in loader:
    loss = F.binary_cross_entropy_with_logits(net(x), F.one_hot(y, 3))  # error: bce-on-multiclass, integer-target-for-bce
