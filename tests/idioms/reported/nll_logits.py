import torch
import torch.nn as nn
import torch.nn.functional as F


class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(x)


net = N()
loss_fn = nn.NLLLoss()
for x, y in loader:
    loss_fn(net(x), y).backward()  # error: nll-without-log-softmax
