"""A model that is given: its loss is not known, but it goes backward, so it holds a graph."""

import torch.nn.functional as F


def train(model, loader, optimizer):
    total = 0
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss  # error: graph-accumulation
    return total / len(loader)


def train_other(model, loader, optimizer):
    total = 0
    for batch in loader:
        loss = model.loss(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss  # error: graph-accumulation
    return total / len(loader)
