"""Features of layers that are not known are part of a model: what they are handed goes nowhere else."""

import torch
from torch import nn
from torchvision.models import vgg19


class Features(nn.Module):
    def __init__(self, extra):
        super().__init__()
        vgg = vgg19(weights="DEFAULT")
        self.body = nn.Sequential(*list(vgg.features.children())[:18])
        self.extra = extra

    def forward(self, x):
        return self.extra(*self.body(x))


net = nn.Conv2d(3, 3, 3, padding=1)
critic = nn.Conv2d(3, 1, 3, padding=1)
features = Features(extra)
mse = nn.MSELoss()
first = torch.optim.Adam(net.parameters())
second = torch.optim.Adam(critic.parameters())
for x in loader:
    first.zero_grad()
    made = net(x)
    loss = mse(critic(made), torch.ones(1)) + mse(features(made), features(x).detach())
    first.step()  # error: missing-backward
    second.zero_grad()
    other = mse(critic(x), torch.ones(1)) + mse(critic(made.detach()), torch.zeros(1))
    other.backward()
    second.step()
