"""Totals of losses that are not known: numbers, losses without their graph, and a sum that goes backward itself."""

# not: graph-accumulation
import torch
from library import reduce


def train(model, loader, optimizer, world):
    total = mean = kept = 0
    for batch in loader:
        loss = model.loss(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
        with torch.no_grad():
            mean += loss
        loss = reduce(loss, world)
        kept += loss
    return total, mean, kept


def together(models, batch, optimizer):
    total = 0
    for model in models:
        loss = model.loss(batch)
        total += loss
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
