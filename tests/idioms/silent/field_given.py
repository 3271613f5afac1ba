"""A dataclass whose field is given: its default is not what is used."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn as nn


@dataclass
class Settings:
    loss: Callable = field(default_factory=nn.CrossEntropyLoss)
    extra: Callable = field(init=False)
    sizes: list = field(default_factory=list)


settings = Settings(loss=nn.NLLLoss())
settings.sizes.append(3)
net = nn.Sequential(nn.Linear(3, 6), nn.LogSoftmax(dim=1))
opt = torch.optim.Adam(net.parameters())
for x, y in loader:
    opt.zero_grad()
    loss = settings.loss(net(x), y) + settings.extra(net(x), y)
    loss.backward()
    opt.step()
