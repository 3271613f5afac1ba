# bug: the constructor takes hidden_size and uses 4 in its place: the comparison of sizes compares equal networks
# style: comparison of network sizes with argparse
# codes: LR404
import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class SineNet(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.input = nn.Linear(input_size, 4)
        self.hidden = nn.Linear(4, 4)
        self.output = nn.Linear(4, output_size)
        self.activation = nn.Tanh()

    def forward(self, x):
        x = self.activation(self.input(x))
        x = self.activation(self.hidden(x))
        return self.output(x)


def make_data(count, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(count, 1, generator=generator) * 6 - 3
    y = torch.sin(3 * x) + 0.5 * torch.cos(5 * x) + 0.05 * torch.randn(count, 1, generator=generator)
    return TensorDataset(x, y)


def train(model, loader, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.MSELoss()
    model.train()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()


def evaluate(model, data):
    model.eval()
    x, y = data.tensors
    with torch.no_grad():
        return nn.functional.mse_loss(model(x), y).item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[4, 16, 64])
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--lr", type=float, default=1e-2)
    args = parser.parse_args()
    loader = DataLoader(make_data(800, 1), batch_size=50, shuffle=True)
    validation = make_data(300, 2)
    for size in args.sizes:
        torch.manual_seed(0)
        model = SineNet(1, size, 1)
        train(model, loader, args.epochs, args.lr)
        print(f"hidden size {size:3d}: validation error {evaluate(model, validation):.4f}")


if __name__ == "__main__":
    main()
