"""Division makes floats of class indices."""
import torch
import torch.nn.functional as F
from torch import nn

net = nn.Linear(64, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, digits = torch.randn(100, 64), torch.randint(0, 10, (100,))
for start in range(0, 100, 10):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x[start:start + 10]), torch.div(digits[start:start + 10], 4))  # error: cross-entropy-target-form
    loss.backward()
    optimizer.step()
