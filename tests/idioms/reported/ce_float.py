import torch
import torch.nn as nn
import torch.nn.functional as F

X = torch.randn(10, 4)
y = torch.tensor([0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0])
net = nn.Linear(4, 3)
loss = F.cross_entropy(net(X), y)  # error: cross-entropy-target-form
