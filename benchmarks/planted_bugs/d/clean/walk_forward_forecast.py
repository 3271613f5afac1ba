# clean: a time series: batches in order without shuffling, model refitted on a growing window, tested on the months ahead
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

LAGS = 14


def series(days, rng):
    t = np.arange(days)
    season = 3 * np.sin(2 * np.pi * t / 7) + 5 * np.sin(2 * np.pi * t / 365)
    noise = np.zeros(days)
    for i in range(1, days):
        noise[i] = 0.6 * noise[i - 1] + rng.normal(0, 0.5)
    return 20 + 0.01 * t + season + noise


def windows(values):
    rows = np.lib.stride_tricks.sliding_window_view(values, LAGS + 1)
    x = torch.tensor(rows[:, :LAGS].copy(), dtype=torch.float32)
    y = torch.tensor(rows[:, LAGS:].copy(), dtype=torch.float32)
    return x, y


class Forecaster(nn.Module):
    """Predicts the change against the last value."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("std", torch.ones(()))
        self.net = nn.Sequential(nn.Linear(LAGS, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, x):
        scaled = (x - self.mean) / self.std
        return x[:, -1:] + self.std * self.net(scaled)


def fit(x, y, epochs=30):
    model = Forecaster()
    model.mean.copy_(x.mean())
    model.std.copy_(x.std())
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.HuberLoss()
    model.train()
    for _ in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
    return model


def main():
    torch.manual_seed(0)
    values = series(1500, np.random.default_rng(0))
    errors, naive = [], []
    for end in range(900, 1500, 150):
        x, y = windows(values[:end])
        model = fit(x, y)
        x_ahead, y_ahead = windows(values[end - LAGS : end + 150])
        model.eval()
        with torch.no_grad():
            error = (model(x_ahead) - y_ahead).abs().mean().item()
        errors.append(error)
        naive.append((x_ahead[:, -7:-6] - y_ahead).abs().mean().item())
        print(f"days {end} to {end + 150}: error {error:.3f}, same weekday last week {naive[-1]:.3f}")
    print(f"mean error {np.mean(errors):.3f} against {np.mean(naive):.3f}")


main()
