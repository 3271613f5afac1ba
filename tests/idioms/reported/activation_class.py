import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.ReLU  # error: class-not-instantiated
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.act(self.fc(x))


Net()(torch.zeros(1, 4))
