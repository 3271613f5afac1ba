import torch
import torch.nn as nn
import torch.nn.functional as F

LOSSES = {"ce": nn.CrossEntropyLoss, "nll": nn.NLLLoss}
crit = LOSSES["ce"]()
net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))


def step(x, y):
    return crit(net(x), y)  # error: softmax-before-cross-entropy
