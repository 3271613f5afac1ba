"""Division that rounds leaves class indices integers."""
import torch
import torch.nn.functional as F
from torch import nn

net = nn.Linear(64, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, digits = torch.randn(100, 64), torch.randint(0, 10, (100,))
mode = input()
for start in range(0, 100, 10):
    batch = slice(start, start + 10)
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x[batch]), torch.div(digits[batch], 4, rounding_mode="floor"))
    loss = loss + F.cross_entropy(net(x[batch]), digits[batch].div(4, rounding_mode=mode))
    loss = loss + F.cross_entropy(net(x[batch]), torch.floor_divide(digits[batch], 4))
    loss = loss + F.cross_entropy(net(x[batch]), digits[batch] // 4)
    loss.backward()
    optimizer.step()
