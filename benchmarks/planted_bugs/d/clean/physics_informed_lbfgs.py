# clean: a differential equation solved by a network: gradients of gradients, L-BFGS with a closure, no data at all
import math

import torch
from torch import nn


class Solution(nn.Module):
    """u(t) of the damped oscillator u'' + 0.4 u' + 4 u = 0 with u(0) = 1 and u'(0) = 0."""

    def __init__(self, hidden=24):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(1, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1)
        )

    def forward(self, t):
        return 1 + t.pow(2) * self.net(t)


def derivative(u, t):
    return torch.autograd.grad(u, t, torch.ones_like(u), create_graph=True)[0]


def residual(model, t):
    u = model(t)
    speed = derivative(u, t)
    return derivative(speed, t) + 0.4 * speed + 4 * u


def exact(t):
    frequency = math.sqrt(4 - 0.04)
    return torch.exp(-0.2 * t) * (torch.cos(frequency * t) + 0.2 / frequency * torch.sin(frequency * t))


def solve(model, end, rounds):
    t = torch.linspace(0, end, 80).unsqueeze(1).requires_grad_(True)
    optimizer = torch.optim.LBFGS(
        model.parameters(), lr=1.0, max_iter=20, history_size=20, line_search_fn="strong_wolfe"
    )

    def closure():
        optimizer.zero_grad()
        loss = residual(model, t).pow(2).mean()
        loss.backward()
        return loss

    for number in range(1, rounds + 1):
        loss = optimizer.step(closure)
        if number % 10 == 0:
            print(f"round {number}: mean squared residual {loss.item():.2e}")


if __name__ == "__main__":
    torch.manual_seed(0)
    model = Solution()
    solve(model, end=4.0, rounds=40)
    with torch.no_grad():
        t = torch.linspace(0, 4, 200).unsqueeze(1)
        print(f"largest error of the solution {(model(t) - exact(t)).abs().max().item():.2e}")
