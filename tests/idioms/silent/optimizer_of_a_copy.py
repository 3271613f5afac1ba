"""Each round trains a copy of the model."""

import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(torch.randn(64, 3), torch.randn(64, 2)), batch_size=8, shuffle=True)
net = nn.Linear(3, 2)


def run(model):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()


for client in range(10):
    local = copy.deepcopy(net)
    run(local)
