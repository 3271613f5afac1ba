import torch
import torch.nn as nn
import torch.nn.functional as F

X = torch.randn(100, 3)
y = torch.randn(100, 1)
m = nn.Linear(3, 1)
opt = torch.optim.SGD(m.parameters(), lr=0.1)
for _ in range(10):
    loss = F.mse_loss(m(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
