"""An object that moves what it holds when it is asked to: the caller has chosen the device."""

# not: hard-coded-device
import torch


class Table:
    def __init__(self, n):
        self.weights = torch.ones(n)

    def cuda(self):
        self.weights = self.weights.cuda()
        return self
