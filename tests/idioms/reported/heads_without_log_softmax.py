"""Heads of known models whose last layer gives logits."""

import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models

first, second = models.vgg16(weights="DEFAULT"), models.vgg16(weights="DEFAULT")
first.classifier._modules["6"] = nn.Linear(4096, 2)
second.classifier[6] = nn.Linear(4096, 2)
for x, y in loader:
    loss = F.nll_loss(first(x), y)  # error: nll-without-log-softmax
    loss = loss + F.nll_loss(second(x), y)  # error: nll-without-log-softmax
    loss.backward()
