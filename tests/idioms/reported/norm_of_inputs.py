import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, cin, cout):
        super(Block, self).__init__()
        self.conv = nn.Conv2d(cin, cout, 3, padding=1)
        self.bn = nn.BatchNorm2d(cin)

    def forward(self, x):
        return torch.relu(self.bn(self.conv(x)))  # error: feature-size-mismatch


def make_layers(sizes):
    layers = []
    for cin, cout in zip(sizes, sizes[1:]):
        layers.append(Block(cin, cout))
    return nn.Sequential(*layers)


net = make_layers([3, 16, 32])
print(net(torch.zeros(1, 3, 32, 32)))
