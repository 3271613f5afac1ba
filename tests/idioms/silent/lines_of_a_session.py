"""A session that was written down: values stand on lines of their own. What is tried may raise. Nothing is repeated no times."""

import torch
from torch import nn

a = torch.tensor([1.0, 2.0])
a == 1
torch.sqrt(a)
a.reshape(2, 1)
a.shape
try:
    a.reshape(3, 1)
except RuntimeError as error:
    print(error)
layers = [nn.Linear(4, 4), nn.ReLU()] * (2 - 2) + [nn.Linear(4, 2)]
reference = nn.Linear(4, 2)
reference(torch.randn(3, 4)).sum().backward()
print(torch.cuda.memory_allocated())
net = nn.Sequential(*layers)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in batches:
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
