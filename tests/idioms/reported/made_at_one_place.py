"""One place that makes layers of several kinds: what comes behind it is still seen."""

import torch
import torch.nn as nn


class Unit(nn.Module):
    def __init__(self, width, activation):
        super().__init__()
        self.linear, self.activation = nn.Linear(width, width), activation()

    def forward(self, x):
        return self.activation(self.linear(x))


class Wide(Unit):
    pass


class Net(nn.Module):
    def __init__(self, plan):
        super().__init__()
        blocks = []
        for width, kind in plan:
            block = Wide if kind == "wide" else Unit
            for last in range(kind_count(kind)):
                unit = block(width, nn.Identity if last else nn.SiLU)
                blocks.append(unit)
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Linear(32, 5), nn.Softmax(dim=1))

    def forward(self, x):
        return self.head(self.blocks(x))


def main():
    net = Net([(32, "wide"), (32, "narrow")])
    optimizer = torch.optim.Adam(net.parameters())
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        optimizer.zero_grad()
        criterion(net(x), y).backward()  # error: softmax-before-cross-entropy
        optimizer.step()


main()
