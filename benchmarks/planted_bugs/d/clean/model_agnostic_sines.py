# clean: MAML: the inner steps are differentiated (create_graph), their weights are no parameters of any optimizer
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

INNER_RATE, SHOTS = 0.05, 10


def task():
    amplitude = 1 + 2 * torch.rand(())
    phase = math.pi * torch.rand(())
    return lambda x: amplitude * torch.sin(x + phase)


def points(function, count):
    x = torch.rand(count, 1) * 8 - 4
    return x, function(x)


def adapt(model, x, y, steps=1, create_graph=True):
    weights = dict(model.named_parameters())
    for _ in range(steps):
        loss = F.mse_loss(functional_call(model, weights, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=create_graph)
        weights = {name: w - INNER_RATE * g for (name, w), g in zip(weights.items(), gradients, strict=True)}
    return weights


def meta_step(model, optimizer, tasks):
    optimizer.zero_grad()
    total = 0.0
    for _ in range(tasks):
        function = task()
        weights = adapt(model, *points(function, SHOTS))
        x, y = points(function, SHOTS)
        loss = F.mse_loss(functional_call(model, weights, (x,)), y)
        (loss / tasks).backward()
        total += loss.item()
    optimizer.step()
    return total / tasks


def evaluate(model, tasks=50):
    before = after = 0.0
    for _ in range(tasks):
        function = task()
        weights = adapt(model, *points(function, SHOTS), steps=3, create_graph=False)
        x, y = points(function, 100)
        with torch.no_grad():
            before += F.mse_loss(model(x), y).item()
            after += F.mse_loss(functional_call(model, weights, (x,)), y).item()
    return before / tasks, after / tasks


def main():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    losses = []
    for iteration in range(1, 601):
        losses.append(meta_step(model, optimizer, tasks=4))
        if iteration % 150 == 0:
            print(f"iteration {iteration}: loss after one step {sum(losses[-100:]) / 100:.4f}")
    before, after = evaluate(model)
    print(f"new tasks: error before {before:.3f}, after three steps {after:.3f}")


main()
