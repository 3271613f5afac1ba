# clean: no torch.optim: gradients from torch.autograd.grad, Nesterov momentum and weight decay applied by hand under no_grad
# style: functional code, parameters in a dictionary, numpy-like
# tempts: LR303 (no step, no backward), LR301 (no zero_grad), LR405 (plain tensors as parameters), LR704
import math

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SIZES = (30, 24, 12, 1)
RATE, MOMENTUM, DECAY = 0.05, 0.9, 1e-4


def initialise(sizes):
    parameters = {}
    for i, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:])):
        bound = math.sqrt(6 / (n_in + n_out))
        parameters[f"w{i}"] = torch.empty(n_in, n_out).uniform_(-bound, bound).requires_grad_()
        parameters[f"b{i}"] = torch.zeros(n_out, requires_grad=True)
    return parameters


def forward(parameters, x):
    last = len(parameters) // 2 - 1
    for i in range(last + 1):
        x = x @ parameters[f"w{i}"] + parameters[f"b{i}"]
        if i < last:
            x = torch.tanh(x)
    return x[:, 0]


def logistic_loss(logits, y):
    return (torch.clamp(logits, min=0) - logits * y + torch.log1p(torch.exp(-logits.abs()))).mean()


@torch.no_grad()
def nesterov(parameters, gradients, velocity):
    for (name, p), g in zip(parameters.items(), gradients):
        if name.startswith("w"):
            g = g + DECAY * p
        velocity[name].mul_(MOMENTUM).add_(g)
        p -= RATE * (g + MOMENTUM * velocity[name])


@torch.no_grad()
def accuracy(parameters, x, y):
    return ((forward(parameters, x) > 0).float() == y).float().mean().item()


def main():
    torch.manual_seed(0)
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, stratify=y, random_state=0)
    scaler = StandardScaler().fit(x_train)
    x_train, x_test = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (x_train, x_test))
    y_train, y_test = (torch.tensor(part, dtype=torch.float32) for part in (y_train, y_test))

    parameters = initialise(SIZES)
    velocity = {name: torch.zeros_like(p) for name, p in parameters.items()}
    for epoch in range(20):
        total = 0.0
        for index in torch.randperm(len(y_train)).split(32):
            loss = logistic_loss(forward(parameters, x_train[index]), y_train[index])
            gradients = torch.autograd.grad(loss, list(parameters.values()))
            nesterov(parameters, gradients, velocity)
            total += loss.item() * len(index)
        if epoch % 4 == 3:
            print(
                f"epoch {epoch + 1}: loss {total / len(y_train):.4f}, train {accuracy(parameters, x_train, y_train):.4f}, "
                f"test {accuracy(parameters, x_test, y_test):.4f}"
            )


if __name__ == "__main__":
    main()
