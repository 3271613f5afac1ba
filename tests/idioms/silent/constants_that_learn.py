"""Tensors of a list get gradients in a loop: they are no constants any more."""

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

X, Y = torch.randn(100, 8), torch.randint(0, 4, (100,))
W1, b1 = torch.randn((8, 16)), torch.randn(16)
W2, b2 = torch.randn((16, 4)), torch.randn(4)
parameters = [W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
for x, y in DataLoader(TensorDataset(X, Y), batch_size=10, shuffle=True):
    h = torch.tanh(x @ W1 + b1)
    loss = F.cross_entropy(h @ W2 + b2, y)
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -0.1 * p.grad
