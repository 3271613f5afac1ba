import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.fc = nn.Linear(size, 4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        x = self.fc(x)
        self.drop(x)  # error: result-discarded
        return x


net = Net()  # error: constructor-arguments
