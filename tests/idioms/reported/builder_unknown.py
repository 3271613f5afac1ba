import torch
import torch.nn as nn
import torch.nn.functional as F


def mlp(sizes):
    layers = []
    for i in range(len(sizes) - 1):
        layers += [nn.Linear(sizes[i], sizes[i + 1]), nn.ReLU()]  # error: activation-on-logits
    return nn.Sequential(*layers)


def main(cfg):
    net = mlp(cfg.sizes)
    crit = nn.CrossEntropyLoss()
    for x, y in cfg.loader:
        loss = crit(net(x), y)
        loss.backward()
