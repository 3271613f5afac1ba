"""Heads of known models that get a log-softmax behind their last layer, in several ways."""

import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models

first, second, third = models.vgg16(weights="DEFAULT"), models.vgg16(weights="DEFAULT"), models.vgg16(weights="DEFAULT")
first.classifier._modules["6"] = nn.Linear(4096, 2)
first.classifier._modules["7"] = nn.LogSoftmax(dim=1)
second.classifier.add_module("7", nn.LogSoftmax(dim=1))
third.classifier.append(nn.LogSoftmax(dim=1))
for x, y in loader:
    (F.nll_loss(first(x), y) + F.nll_loss(second(x), y) + F.nll_loss(third(x), y)).backward()
