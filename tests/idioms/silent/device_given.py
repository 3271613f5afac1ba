"""A device that is given is not `None`: the other way is not taken."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(x)


def adapt(model, batch, device=None):
    if device is None:
        device = model.device()
    return model(batch.to(device))


device = torch.device("cpu")
if options.gpu and torch.cuda.is_available():
    device = torch.device("cuda")
net = Net().to(device)
for batch in batches:
    adapt(net, batch, device=device)
