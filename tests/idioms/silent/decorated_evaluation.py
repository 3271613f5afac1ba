"""Decorators of the program switch gradients off."""
# not: evaluation-with-gradients

import functools

import torch
from torch import nn


def quiet(function):
    @functools.wraps(function)
    def wrapped(*arguments, **options):
        with torch.no_grad():
            return function(*arguments, **options)

    return wrapped


def without_gradients(modern=is_modern()):
    def decorate(function):
        return (torch.inference_mode if modern else torch.no_grad)()(function)

    return decorate


class Quietly:
    def __init__(self, name):
        self.name = name

    def __call__(self, function):
        def wrapped(*arguments):
            with torch.no_grad():
                return function(*arguments)

        return wrapped


@quiet
def first(net, batches):
    net.eval()
    return sum((net(x).argmax(dim=1) == y).sum().item() for x, y in batches)


@without_gradients()
def second(net, batches):
    net.eval()
    return sum((net(x).argmax(dim=1) == y).sum().item() for x, y in batches)


@Quietly("third")
def third(net, batches):
    net.eval()
    return sum((net(x).argmax(dim=1) == y).sum().item() for x, y in batches)


net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
first(net, test_batches), second(net, test_batches), third(net, test_batches)
