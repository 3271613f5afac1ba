import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import models

m = models.resnet18(weights=None)
m.fc = nn.Sequential(nn.Linear(512, 3), nn.Softmax(dim=1))
for x, y in loader:
    loss = F.cross_entropy(m(x), y)  # error: softmax-before-cross-entropy
    loss.backward()
