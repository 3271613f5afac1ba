# bug: the hand-written quantile loss subtracts (N, 1) predictions from (N,) demand: N x N errors
# style: demand forecasting, own loss module, one model per quantile, functional fit()
# codes: LR117
import math

import torch
from torch import nn


class PinballLoss(nn.Module):
    def __init__(self, quantile):
        super().__init__()
        self.quantile = quantile

    def forward(self, forecast, demand):
        error = demand - forecast
        return torch.max(self.quantile * error, (self.quantile - 1) * error).mean()


class QuantileNet(nn.Module):
    def __init__(self, n_features, hidden=32):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(n_features, hidden), nn.ELU(), nn.Linear(hidden, hidden), nn.ELU(), nn.Linear(hidden, 1)
        )

    def forward(self, features):
        return self.body(features)


def simulate(n, generator):
    """Weekly demand with a seasonal mean and a spread that grows with the price."""
    week = torch.rand(n, generator=generator) * 52
    price = 1 + torch.rand(n, generator=generator)
    promo = (torch.rand(n, generator=generator) < 0.2).float()
    mean = 3 * torch.sin(2 * math.pi * week / 52) - 1.5 * price + 2 * promo
    demand = mean + (0.3 * price) * torch.randn(n, generator=generator)
    season = 2 * math.pi * week / 52
    features = torch.stack([season.sin(), season.cos(), price - 1.5, promo], dim=1)
    return features, demand


def fit(model, criterion, features, demand, epochs=15, batch_size=64, lr=3e-3):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for epoch in range(epochs):
        order = torch.randperm(len(features))
        epoch_loss = 0.0
        for idx in order.split(batch_size):
            optimizer.zero_grad()
            loss = criterion(model(features[idx]), demand[idx])
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item() * len(idx)
        if epoch % 5 == 4:
            print(f"  q={criterion.quantile}: epoch {epoch + 1} loss {epoch_loss / len(features):.4f}")
    return model


def main():
    torch.manual_seed(11)
    g = torch.Generator().manual_seed(5)
    train_x, train_y = simulate(2000, g)
    test_x, test_y = simulate(1000, g)
    for q in (0.1, 0.5, 0.9):
        model = fit(QuantileNet(train_x.shape[1]), PinballLoss(q), train_x, train_y)
        model.eval()
        with torch.no_grad():
            forecast = model(test_x).squeeze(1)
        spread = forecast.std().item()
        mae = (forecast - test_y).abs().mean().item()
        covered = (test_y <= forecast).float().mean().item()
        print(f"quantile {q}: covered {covered:.2f}, mae {mae:.3f}, spread of forecasts {spread:.3f}")


if __name__ == "__main__":
    main()
