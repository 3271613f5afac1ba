# bug: a hand-written squared error subtracts (N,) from (N, 1)
# style: functional helpers
# codes: LR117
import math

import torch
from torch import nn


def mse(prediction, target):
    return ((prediction - target) ** 2).mean()


def make_data(n):
    t = torch.linspace(0, 4 * math.pi, n)
    return t.unsqueeze(1), torch.sin(t) + 0.1 * torch.randn(n)


def train(model, x, y, epochs=400, lr=1e-2):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for _ in range(epochs):
        loss = mse(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        history.append(loss.item())
    return history


if __name__ == "__main__":
    torch.manual_seed(3)
    x, y = make_data(200)
    x = (x - x.mean()) / x.std()
    model = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    history = train(model, x, y)
    print("first", history[0], "last", history[-1])
