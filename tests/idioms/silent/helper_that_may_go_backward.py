"""A helper outside of a model gets the output: it may go backward."""

import torch
from torch import nn

net = nn.Conv2d(3, 3, 3, padding=1)
critic = nn.Conv2d(3, 1, 3, padding=1)
mse = nn.MSELoss()
first = torch.optim.Adam(net.parameters())
second = torch.optim.Adam(critic.parameters())
for x in loader:
    first.zero_grad()
    made = net(x)
    helper(critic(made))
    first.step()
    second.zero_grad()
    other = mse(critic(x), torch.ones(1)) + mse(critic(made.detach()), torch.zeros(1))
    other.backward()
    second.step()
