"""A module has no `requires_grad`, neither a part nor the module itself."""

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(20, 8)
        self.body.requires_grad = False  # error: requires-grad-typo
        self.requires_grad = False  # error: requires-grad-typo

    def forward(self, x):
        return self.body(x)


net = Net()
