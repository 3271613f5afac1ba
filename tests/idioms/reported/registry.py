import torch
import torch.nn as nn
import torch.nn.functional as F

MODELS = {}


def register(cls):
    MODELS[cls.__name__] = cls
    return cls


@register
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(4, 3)

    def forward(self, x):
        return F.softmax(self.f(x), 1)


m = MODELS["Net"]()
for x, y in loader:
    F.cross_entropy(m(x), y).backward()  # error: softmax-before-cross-entropy
