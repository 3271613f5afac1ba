import torch
import torch.nn as nn
import torch.nn.functional as F
from collections import OrderedDict

net = nn.Sequential(OrderedDict([("a", nn.Linear(4, 3)), ("s", nn.Softmax(1))]))
crit = nn.CrossEntropyLoss()


def train(loader):
    for x, y in loader:
        loss = crit(net(x), y)  # error: softmax-before-cross-entropy
        loss.backward()
