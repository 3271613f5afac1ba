"""A test of the kind tells which of several things is meant."""

import sys

import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, size, genes):
        super().__init__()
        self.layer = nn.Linear(size, genes)

    def forward(self, x):
        return self.layer(x)


class SearchCell(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer = nn.Linear(size, size)

    def forward(self, x):
        return self.layer(x)


def build(cell, size, genes=None):
    if cell == Cell:
        return cell(size, genes)
    return cell(size)


kinds = {"ce": nn.CrossEntropyLoss, "bce": nn.BCEWithLogitsLoss, "mse": nn.MSELoss}
criterion = kinds[sys.argv[1]]()
build(Cell, 4, 2), build(SearchCell, 4)
net = build(Cell if len(sys.argv) > 2 else SearchCell, 4, 2)
for x, y in loader:
    if isinstance(criterion, nn.CrossEntropyLoss):
        loss = criterion(net(x), y.argmax(1))
    else:
        loss = criterion(net(x), y.float())
    loss.backward()
