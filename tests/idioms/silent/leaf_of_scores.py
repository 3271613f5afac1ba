"""Scores that were computed before are the input of a loss, and their gradient is what is asked for."""

import numpy as np
import torch

layer = torch.nn.NLLLoss()
scores = torch.nn.LogSoftmax(dim=1)(torch.from_numpy(np.random.rand(2, 4))).data.numpy()
leaf = torch.from_numpy(scores).requires_grad_(True)
loss = layer(leaf, torch.from_numpy(np.random.choice(4, 2)))
loss.backward()
print(leaf.grad)
leaf = torch.tensor(scores, requires_grad=True)
loss = layer(leaf, torch.from_numpy(np.random.choice(4, 2)))
loss.backward()
leaf = torch.autograd.Variable(torch.from_numpy(scores), requires_grad=True)
loss = layer(leaf, torch.from_numpy(np.random.choice(4, 2)))
loss.backward()
