"""A loss that is the default of a dataclass's field."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
import torch.nn as nn


@dataclass
class Settings:
    classes: int = 6
    loss: Callable = field(default_factory=nn.CrossEntropyLoss)
    smooth: nn.Module = field(default_factory=lambda: nn.CrossEntropyLoss(label_smoothing=0.1), repr=False)
    weighted: Callable = field(default=partial(nn.functional.cross_entropy, reduction="sum"))


settings = Settings()
net = nn.Sequential(nn.Linear(3, settings.classes), nn.Softmax(dim=1))
opt = torch.optim.Adam(net.parameters())
for x, y in loader:
    opt.zero_grad()
    settings.loss(net(x), y).backward()  # error: softmax-before-cross-entropy
    settings.smooth(net(x), y).backward()  # error: softmax-before-cross-entropy
    settings.weighted(net(x), y).backward()  # error: softmax-before-cross-entropy
    opt.step()
