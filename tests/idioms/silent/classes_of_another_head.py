"""A model with two outputs: pixels, and classes that are chosen from the other one."""

import torch
import torch.nn.functional as F
from torch import nn


class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.classes, self.last = nn.Linear(784, 400), nn.Linear(400, 10), nn.Linear(400, 784)

    def forward(self, x):
        h = F.relu(self.first(x))
        return self.last(h), F.log_softmax(self.classes(h), dim=1)


model = Coder()
for x, _ in loader:
    x = x.view(-1, 784)
    made, log_p = model(x)
    _, found = torch.max(log_p, 1)
    print(found)
    F.binary_cross_entropy_with_logits(made, x, reduction="sum").backward()
