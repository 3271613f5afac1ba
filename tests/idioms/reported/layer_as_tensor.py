import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):  # error: input-ignored
        return torch.relu(self.fc)  # error: module-as-tensor


Net()(torch.zeros(1, 4))
