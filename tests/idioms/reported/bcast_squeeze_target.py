import torch
import torch.nn as nn
import torch.nn.functional as F

X = torch.rand(50, 2)
y = X.sum(1, keepdim=True)
m = nn.Linear(2, 1)
for _ in range(10):
    loss = F.mse_loss(m(X).squeeze(1), y)  # error: loss-shape-broadcast
    loss.backward()
