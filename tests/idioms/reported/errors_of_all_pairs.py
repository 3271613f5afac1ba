"""A score by hand: the column that the model gives minus the row of targets."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn

inputs, targets = load_diabetes(return_X_y=True)
x_train, x_rest, y_train, y_rest = train_test_split(inputs, targets, random_state=1)
known, wanted = torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train, dtype=torch.float32)
net = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(50):
    loss = nn.functional.mse_loss(net(known).flatten(), wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
net.eval()
with torch.no_grad():
    guess = net(torch.tensor(x_rest, dtype=torch.float32))
    print((guess - torch.tensor(y_rest)).abs().mean())  # error: loss-shape-broadcast
