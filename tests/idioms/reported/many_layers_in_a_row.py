"""A loop through a list of more layers than a loop is unrolled for; the last of them decides."""

import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList(
            [
                nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(),
                nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 10),
            ]
        )  # fmt: skip

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return x


net = Net()
opt = torch.optim.Adam(net.parameters())
criterion = nn.NLLLoss()
for x, y in loader:
    opt.zero_grad()
    criterion(net(x), y).backward()  # error: nll-without-log-softmax
    opt.step()
