import torch
import torch.nn as nn
import torch.nn.functional as F

act = lambda z: torch.sigmoid(z)
net = nn.Linear(4, 1)
loss_fn = nn.BCEWithLogitsLoss()
for x, y in loader:
    loss = loss_fn(act(net(x)), y)  # error: sigmoid-before-bce-with-logits
    loss.backward()
