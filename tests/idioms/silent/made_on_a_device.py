"""`with device:` makes tensors and modules on that device."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x):
        return self.layer(x)


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
with device:
    net = Net()
    zeros = torch.zeros(3, 4)
print(net(torch.ones(3, 4).to(device)))
print(net(zeros))


def build(device, batch):
    with device:
        model = Net()
    return model(batch), model(torch.ones(3, 4).to("cuda"))
