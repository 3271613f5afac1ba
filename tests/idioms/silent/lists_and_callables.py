import torch
from torch import nn

callbacks = {"log": print, "none": None}
layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 2)])
table = nn.ModuleDict({"a": nn.ReLU()})


class Pipeline(nn.Module):
    def __init__(self, act=None, steps=()):
        super().__init__()
        self.act = act or nn.ReLU()
        self.steps = list(steps)
        self.size = 4
        self.fc = nn.Linear(self.size, 2)

    def size_of(self):
        return self.size

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return self.act(self.fc(x))


def run(x, hook=0, fn="relu"):
    if callable(hook):
        hook(x)
    fn = getattr(torch, fn) if isinstance(fn, str) else fn
    return fn(x)


x = torch.zeros(2, 4)
for layer in layers:
    x = layer(x)
print(table["a"](x), callbacks["log"](x), Pipeline()(torch.zeros(1, 4)), x.size(0), x.shape[0], run(x))
name = "relu"
name = getattr(nn.functional, name)
print(name(x))
