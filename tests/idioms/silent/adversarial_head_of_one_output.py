"""A classifier with a second head that tells domains apart: its binary cross entropy is none of the classes'."""

import torch
from torch import nn


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        return -gradient


class Adapted(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(20, 16), nn.ReLU())
        self.classes = nn.Linear(16, 5)
        self.domain = nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x):
        seen = self.body(x)
        return self.classes(seen), self.domain(Reverse.apply(seen)).squeeze(1)


def main(batches, test_x, test_y):
    model = Adapted()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    by_class, by_domain = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
    for x, y in batches:
        scores, domain = model(x)
        optimizer.zero_grad()
        (by_class(scores, y) + by_domain(domain, torch.zeros(len(x)))).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print((model(test_x)[0].argmax(1) == test_y).float().mean().item())
