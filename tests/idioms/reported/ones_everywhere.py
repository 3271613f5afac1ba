import torch
from torch import nn
import torch.nn.functional as F
from torch.nn import init

w1 = torch.empty(784, 100, requires_grad=True)
w2 = torch.empty(100, 10, requires_grad=True)
init.ones_(w1)  # error: bad-initialisation
init.ones_(w2)
opt = torch.optim.SGD([w1, w2], lr=0.1)
for x, y in loader:
    h = torch.tanh(x.flatten(1) @ w1)
    loss = F.cross_entropy(h @ w2, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
