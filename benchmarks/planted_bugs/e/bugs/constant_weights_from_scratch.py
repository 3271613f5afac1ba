# bug: both layers of the own network start from the same constant: all hidden units stay identical
# style: neural network from scratch with nn.Parameter, own Linear class, course exercise
# codes: LR414
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn


class Linear(nn.Module):
    def __init__(self, n_in, n_out, scale=0.05):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n_in, n_out) * scale)
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return x @ self.weight + self.bias


class TwoLayerNet(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.l1 = Linear(n_in, n_hidden)
        self.l2 = Linear(n_hidden, n_out)

    def forward(self, x):
        return self.l2(torch.relu(self.l1(x)))


def accuracy(model, x, y):
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x = torch.tensor(x, dtype=torch.float32) / 16
    y = torch.tensor(y)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.2, random_state=0)

    model = TwoLayerNet(64, 50, 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    batch_size = 64
    for epoch in range(20):
        order = torch.randperm(len(x_train))
        epoch_loss = 0.0
        for start in range(0, len(x_train), batch_size):
            index = order[start : start + batch_size]
            loss = F.cross_entropy(model(x_train[index]), y_train[index])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            epoch_loss += loss.item() * len(index)
        if epoch % 4 == 3:
            print(
                f"epoch {epoch + 1:2d}: loss {epoch_loss / len(x_train):.4f}, "
                f"train {accuracy(model, x_train, y_train):.3f}, valid {accuracy(model, x_valid, y_valid):.3f}"
            )


if __name__ == "__main__":
    main()
