import torch
import torch.nn as nn
import torch.nn.functional as F


def softmax(x):
    x = x - x.max(dim=1, keepdim=True)[0]
    e = x.exp()
    return e / e.sum(1, keepdim=True)


net = nn.Linear(4, 3)


def f(x):
    return softmax(net(x))
