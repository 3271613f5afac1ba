import torch
import torch.nn as nn
import torch.nn.functional as F


def softmax(x):
    e = torch.exp(x)
    return e / e.sum(dim=1, keepdim=True)  # error: unstable-softmax


net = nn.Linear(4, 3)
for x, y in loader:
    p = softmax(net(x))
