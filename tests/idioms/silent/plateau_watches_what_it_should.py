"""Accuracies in the mode for scores, losses and shares of errors in the mode for losses, signs, and modes that are chosen."""

import argparse

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

parser = argparse.ArgumentParser()
parser.add_argument("--watch", default="loss")
args = parser.parse_args()


def measure(net, loader):
    hits, seen, total = 0, 0, 0.0
    with torch.no_grad():
        for x, y in loader:
            scores = net(x)
            total += F.cross_entropy(scores, y).item()
            hits += (scores.argmax(dim=1) == y).sum().item()
            seen += y.size(0)
    return hits / seen, total / len(loader)


def missed(net, loader):
    wrong, seen = 0, 0
    with torch.no_grad():
        for x, y in loader:
            wrong += (net(x).argmax(dim=1) != y).sum().item()
            seen += y.size(0)
    return wrong / seen


net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for_scores = ReduceLROnPlateau(optimizer, "max")
for_losses = ReduceLROnPlateau(optimizer)
by_option = ReduceLROnPlateau(optimizer, mode="min" if args.watch == "loss" else "max")
negative = ReduceLROnPlateau(optimizer, mode="min")
errors = ReduceLROnPlateau(optimizer, mode="min")
counted = ReduceLROnPlateau(optimizer, mode="min")
scaled = ReduceLROnPlateau(optimizer, mode="min")
watched = ReduceLROnPlateau(optimizer, **vars(args))
for epoch in range(10):
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    accuracy, loss = measure(net, held_out)
    for_scores.step(accuracy)
    for_losses.step(loss)
    by_option.step(accuracy)
    negative.step(-accuracy)
    errors.step(1 - accuracy)
    counted.step(missed(net, held_out))
    scaled.step(accuracy * -100)
    watched.step(accuracy)
