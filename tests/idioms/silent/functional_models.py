import torch
from torch import nn
import torch.nn.functional as F


class Functional(nn.Module):
    def __init__(self, n_in=784, n_hidden=64, n_out=10):
        super().__init__()
        self.w1 = nn.Parameter(torch.empty(n_hidden, n_in))
        self.b1 = nn.Parameter(torch.zeros(n_hidden))
        self.w2 = nn.Parameter(torch.randn(n_out, n_hidden) * (2 / n_hidden) ** 0.5)
        self.b2 = nn.Parameter(torch.zeros(n_out))
        self.reset()

    def reset(self):
        nn.init.kaiming_uniform_(self.w1, a=5**0.5)

    def forward(self, x):
        return F.linear(F.relu(F.linear(x.flatten(1), self.w1, self.b1)), self.w2, self.b2)


def forward(params, x):
    (w1, b1), (w2, b2) = params
    return torch.tanh(x @ w1 + b1) @ w2 + b2


def init(sizes):
    return [
        (torch.randn(i, o).div_(i**0.5).requires_grad_(), torch.zeros(o, requires_grad=True))
        for i, o in zip(sizes, sizes[1:])
    ]


params = init([784, 64, 10])
net = Functional()
for x, y in loader:
    loss = F.cross_entropy(net(x), y) + F.cross_entropy(forward(params, x.flatten(1)), y)
    loss.backward()
