"""The same with the method, and with layers that are written by hand."""

import torch
import torch.nn.functional as F


class Linear:
    def __init__(self, inputs, outputs):
        self.weight = torch.randn((inputs, outputs)) / inputs**0.5
        self.bias = torch.zeros(outputs)

    def __call__(self, x):
        self.out = x @ self.weight + self.bias
        return self.out

    def parameters(self):
        return [self.weight, self.bias]


X, Y = torch.randn(100, 8), torch.randint(0, 4, (100,))
layers = [Linear(8, 16), Linear(16, 4)]
parameters = [p for layer in layers for p in layer.parameters()]
for p in parameters:
    p.requires_grad_()
for step in range(1000):
    ix = torch.randint(0, 100, (10,))
    x, y = X[ix], Y[ix]
    for layer in layers:
        x = torch.tanh(layer(x))
    loss = F.cross_entropy(x, y)
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -0.1 * p.grad
