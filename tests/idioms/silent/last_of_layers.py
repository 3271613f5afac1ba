"""Layers of one class: all but the last have an activation, and they are called in turn."""

import torch
import torch.nn.functional as F
from torch import nn


class Dense(nn.Module):
    def __init__(self, inputs, outputs, activation):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.activation = activation

    def forward(self, x):
        x = self.linear(x)
        return x if self.activation is None else self.activation(x)


class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.layers = nn.ModuleList([Dense(20, 16, F.relu)])
        for _ in range(1, depth - 1):
            self.layers.append(Dense(16, 16, F.relu))
        self.layers.append(Dense(16, 4, None))

    def forward(self, x, masks):
        for layer, mask in zip(self.layers, masks):
            x = layer(x * mask)
        return x


net = Net(options.depth)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, masks, y in loader:
    optimizer.zero_grad()
    F.cross_entropy(net(x, masks), y).backward()
    optimizer.step()

layers = [Dense(20, 16, F.relu)]
for _ in range(options.depth):
    layers.append(Dense(16, 16, F.relu))
layers.append(Dense(16, 4, None))
optimizer = torch.optim.SGD([p for layer in layers for p in layer.parameters()], lr=0.1)
for x, y in loader:
    for layer in layers:
        x = layer(x)
    optimizer.zero_grad()
    F.cross_entropy(x, y).backward()
    optimizer.step()
