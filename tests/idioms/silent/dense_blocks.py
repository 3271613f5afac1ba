import torch
from torch import nn


def conv_block(channels, growth):
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, growth, 3, padding=1))


class DenseBlock(nn.Module):
    def __init__(self, count, channels, growth):
        super().__init__()
        self.blocks = nn.ModuleList([conv_block(channels + i * growth, growth) for i in range(count)])
        self.channels = channels + count * growth

    def forward(self, x):
        for block in self.blocks:
            x = torch.cat((x, block(x)), dim=1)
        return x


net = nn.Sequential(nn.Conv2d(1, 64, 7, stride=2, padding=3), nn.BatchNorm2d(64), nn.ReLU())
channels = 64
for i, count in enumerate([4, 4, 4, 4]):
    block = DenseBlock(count, channels, 32)
    net.add_module(f"block{i}", block)
    channels = block.channels
    if i != 3:
        net.add_module(f"narrow{i}", nn.Sequential(nn.BatchNorm2d(channels), nn.Conv2d(channels, channels // 2, 1)))
        channels = channels // 2
net.add_module("norm", nn.BatchNorm2d(channels))
print(net(torch.rand(1, 1, 96, 96)).shape)
