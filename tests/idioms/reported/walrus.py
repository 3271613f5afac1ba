import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
while (b := next(it, None)) is not None:
    x, y = b
    if (loss := F.cross_entropy(torch.softmax(net(x), 1), y)) > 0:  # error: softmax-before-cross-entropy
        loss.backward()
