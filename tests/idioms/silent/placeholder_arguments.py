"""Documentation leaves arguments to the reader with `...`."""

from torch import nn


class Net(nn.Module):
    def __init__(self, features, classes, device="cpu"):
        super().__init__()
        self.head = nn.Linear(features, classes, device=device)

    def forward(self, x):
        return self.head(x)


on_gpu = Net(..., device="cuda:0")
