import enum

import torch
from torch import nn


class Event(enum.Enum):
    START = "start"

    def __call__(self, every=1):
        return self


class Scheduler:
    step = 0

    def __getattribute__(self, name):
        return super().__getattribute__(name)


def fire(event):
    return event(every=2)


class Net(nn.Module):
    def __init__(self, act="relu", loss=0):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        self.act = act
        self.loss = loss

    def forward(self, x):
        x = self.act(self.fc(x)) if callable(self.act) else x
        if isinstance(self.act, str):
            self.act = getattr(torch, self.act)
        return self.act(x)


print(fire(Event.START), Scheduler().step, Net()(torch.zeros(1, 4)))
