# bug: kl_div with its default reduction averages over batch and classes, so that the teacher counts ten times too little
# style: knowledge distillation with temperature, functions
# codes: LR113
import itertools

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

TEMPERATURE, ALPHA = 3.0, 0.9


def mlp(*sizes):
    layers = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def fit(model, x, y, loss_of, steps, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    for step in range(steps):
        index = torch.randint(len(x), (64,))
        loss = loss_of(model(x[index]), x[index], y[index])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 100 == 99:
            print(f"  step {step + 1}: {loss.item():.4f}")


@torch.no_grad()
def accuracy(model, x, y):
    model.eval()
    return (model(x).argmax(-1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    digits = load_digits()
    order = torch.randperm(len(digits.target))
    x = torch.tensor(digits.data / 16.0, dtype=torch.float32)[order]
    y = torch.tensor(digits.target)[order]
    x_train, y_train, x_test, y_test = x[:1200], y[:1200], x[1200:], y[1200:]

    teacher = mlp(64, 128, 128, 10)
    fit(teacher, x_train, y_train, lambda out, _, target: F.cross_entropy(out, target), 400, 2e-3)
    teacher.eval()
    print(f"teacher {accuracy(teacher, x_test, y_test):.3f}")

    few = 60
    noisy = y_train[:few].clone()
    noisy[::4] = torch.randint(10, (few // 4,))

    def distil(out, inputs, target):
        with torch.no_grad():
            soft = F.softmax(teacher(inputs) / TEMPERATURE, dim=1)
        soft_loss = F.kl_div(F.log_softmax(out / TEMPERATURE, dim=1), soft) * TEMPERATURE**2
        return ALPHA * soft_loss + (1 - ALPHA) * F.cross_entropy(out, target)

    student = mlp(64, 16, 10)
    fit(student, x_train[:few], noisy, distil, 500, 5e-3)
    print(f"student {accuracy(student, x_test, y_test):.3f}")


main()
