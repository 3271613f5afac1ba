"""Each run begins with new weights, and so with a new optimizer."""

# not: optimizer-in-loop
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(20, 16)
        self.head = nn.Linear(16, 4)

    def reset_parameters(self):
        self.hidden.reset_parameters()
        self.head.reset_parameters()

    def forward(self, x):
        return self.head(F.relu(self.hidden(x)))


net = Net()
for run in range(10):
    net.to(device).reset_parameters()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(200):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(features)[known], labels[known])
        loss.backward()
        optimizer.step()
