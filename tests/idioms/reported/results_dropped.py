import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc = nn.Linear(8 * 26 * 26, 10)

    def forward(self, x):
        x = self.conv(x)
        torch.relu(x)  # error: result-discarded
        x.flatten(1)  # error: result-discarded
        return self.fc(x.flatten(1))


net = Net()
net(torch.zeros(2, 1, 28, 28))
