import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
for x, y in loader:
    F.cross_entropy(target=y, input=F.softmax(input=net(x), dim=1)).backward()  # error: softmax-before-cross-entropy
