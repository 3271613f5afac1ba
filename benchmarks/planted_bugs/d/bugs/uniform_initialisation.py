# bug: every weight is drawn with nn.init.uniform_, that is from [0, 1): all positive and much too large
# style: apply(init) on a deep tanh network, dataclass
# codes: LR414 LR702 LR706
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn


@dataclass
class Setup:
    width: int = 64
    depth: int = 3
    epochs: int = 12
    batch: int = 64
    lr: float = 1e-3


def init_weights(module):
    if isinstance(module, nn.Linear):
        nn.init.uniform_(module.weight)
        nn.init.zeros_(module.bias)


def build(setup, inputs, outputs):
    layers = [nn.Linear(inputs, setup.width), nn.Tanh()]
    for _ in range(setup.depth - 1):
        layers += [nn.Linear(setup.width, setup.width), nn.Tanh()]
    model = nn.Sequential(*layers, nn.Linear(setup.width, outputs))
    model.apply(init_weights)
    return model


def batches(x, y, size):
    for index in torch.randperm(len(x)).split(size):
        yield x[index], y[index]


def main(setup):
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.25, random_state=0)
    x_train, x_test = torch.tensor(x_train).float(), torch.tensor(x_test).float()
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
    model = build(setup, 64, 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=setup.lr)
    for epoch in range(setup.epochs):
        model.train()
        losses = []
        for xb, yb in batches(x_train, y_train, setup.batch):
            loss = nn.functional.cross_entropy(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item() * len(xb))
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}: loss {sum(losses) / len(x_train):.4f}")
    model.eval()
    with torch.no_grad():
        print(f"test accuracy {(model(x_test).argmax(1) == y_test).float().mean().item():.3f}")


main(Setup())
