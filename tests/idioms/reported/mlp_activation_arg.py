import torch
import torch.nn as nn
import torch.nn.functional as F


class MLP(nn.Module):
    def __init__(self, dims, act=nn.ReLU):
        super().__init__()
        mods = []
        for i, o in zip(dims, dims[1:]):
            mods.extend([nn.Linear(i, o), act()])  # error: activation-on-logits
        self.net = nn.Sequential(*mods)

    def forward(self, x):
        return self.net(x)


m = MLP([4, 8, 3])
c = nn.CrossEntropyLoss()
for x, y in loader:
    c(m(x), y).backward()
