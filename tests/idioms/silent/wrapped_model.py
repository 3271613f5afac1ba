import torch
from torch import nn

from helpers import attach, is_parallel


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()

    def forward(self, x):
        return self.part(x)


class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)


net = Net()
attach(net)
print(net.part.hook)
torch.save((net.module if is_parallel(net) else net).state_dict(), "net.pt")
net.extra = nn.Linear(2, 2)
