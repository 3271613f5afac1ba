"""The target is a copy of the prediction, in which the chosen action's value is replaced: `target[row][action] = value`."""

import torch
from torch import nn

net = nn.Linear(11, 3)
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
criterion = nn.MSELoss()
for states, actions, rewards, following in memory:
    scores = net(states)
    target = scores.clone().detach()
    for row in range(len(actions)):
        target[row][actions[row]] = rewards[row] + 0.9 * net(following[row]).max()
    optimizer.zero_grad()
    loss = criterion(scores, target)
    loss.backward()
    optimizer.step()
