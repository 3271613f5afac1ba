"""Predictions minus targets of one shape, of unknown length, or as a table on purpose."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn

inputs, targets = load_diabetes(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(inputs, targets, test_size=0.2)
x_train, x_test = torch.tensor(x_train).float(), torch.tensor(x_test).float()
y_train, y_test = torch.tensor(y_train).float(), torch.tensor(y_test).float()
net = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))
other = nn.Linear(10, 1)
wide = nn.Linear(10, 88)
levels = torch.linspace(0, 1, 89)
shifts = nn.Parameter(torch.zeros(89))
optimizer = torch.optim.Adam([*net.parameters(), shifts])
for epoch in range(50):
    loss = (net(x_train).squeeze(1) - y_train).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
net.eval()
with torch.no_grad():
    column = net(x_test)
    print((column - y_test.reshape(-1, 1)).abs().mean())
    print((column - y_test[:, None]).abs().mean())
    print((column[:, 0] - y_test).abs().mean())
    print((column - levels).clamp(0).mean())
    print((column - shifts).clamp(0).mean())
    print((column - other(x_test).squeeze(1)).abs().mean())
    distance = column.squeeze(1).unsqueeze(1) - y_test
    print(distance.abs().min(dim=0).values.mean())
    x_a, x_b, y_a, y_b = train_test_split(inputs, targets, train_size=0.5)
    some = net(torch.tensor(x_b).float())
    print((some[: len(some) // 2] - torch.tensor(y_b)).mean())
