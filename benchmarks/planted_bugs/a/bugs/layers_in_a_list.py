# bug: hidden layers live in a plain list, so the optimizer never gets them
# style: configurable MLP
# codes: LR405, LR307
import torch
import torch.nn as nn
from sklearn.datasets import load_digits


class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.hidden = []
        for n_in, n_out in zip(sizes[:-2], sizes[1:-1]):
            self.hidden.append(nn.Linear(n_in, n_out))
        self.out = nn.Linear(sizes[-2], sizes[-1])

    def forward(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.out(x)


def batches(X, y, size):
    for idx in torch.randperm(len(X)).split(size):
        yield X[idx], y[idx]


def main():
    torch.manual_seed(0)
    X, y = load_digits(return_X_y=True)
    X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
    model = MLP([64, 64, 64, 10])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(10):
        total = 0.0
        for xb, yb in batches(X, y, 100):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        print(epoch, total / len(X))


main()
