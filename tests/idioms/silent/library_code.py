"""What a library for training does with objects, classes and probabilities that its callers choose."""

import weakref

import torch
from torch import nn
from torch.nn import functional as F


class Base(nn.Module):
    def __init__(self, width, bias, mode):
        super().__init__()
        self.fc = nn.Linear(width, width, bias=bias)
        self.mode = mode

    @classmethod
    def from_float(cls, other):
        return cls(other.width, other.bias)  # the constructor of a subclass is meant

    def forward(self, x):
        return self.fc(x)


class Special(Base):
    def __init__(self, width, bias):
        super().__init__(width, bias, "special")


class Empty(nn.Module):
    """Its `forward` is written later."""


def compiled(lines):
    module = torch.jit.script(Empty())
    module.define("\n".join(lines))
    layer = torch.jit.script(nn.Linear(4, 4))
    layer.save("layer.pt")
    return module


def attention(query, key, value, dropout_p):
    weights = (query @ key.transpose(-2, -1)).softmax(dim=-1)
    return F.dropout(weights, p=dropout_p) @ value  # the caller passes 0 in evaluation


class Capture:
    def __init__(self, handle):
        self.handle = handle
        self.finalizer = weakref.finalize(self, print)

    def reset(self):
        self.finalizer.detach()
        self.handle.detach()


def engine(callback):
    torch.autograd.variable.Variable._execution_engine.queue_callback(callback)
