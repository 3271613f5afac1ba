# bug: the hand-written Poisson log-likelihood is minimised: the minus is missing
# style: applied statistician, demand counts of bicycle stations, functional code with plain loops
# codes: LR127
import torch
from torch import nn


def simulate_stations(n, generator):
    temperature = torch.rand(n, generator=generator) * 2 - 1
    rain = (torch.rand(n, generator=generator) < 0.3).float()
    hour = torch.rand(n, generator=generator) * 6.28
    rate = torch.exp(1.0 + 0.8 * temperature - 0.7 * rain + 0.6 * hour.sin())
    counts = torch.poisson(rate, generator=generator)
    return torch.stack([temperature, rain, hour.sin(), hour.cos()], dim=1), counts


def poisson_objective(log_rate, counts):
    """Log-likelihood of the counts up to the constant log(counts!)."""
    return (counts * log_rate - torch.exp(log_rate)).mean()


def batches(x, y, size, generator):
    order = torch.randperm(len(x), generator=generator)
    for start in range(0, len(x), size):
        chosen = order[start : start + size]
        yield x[chosen], y[chosen]


def mean_absolute_error(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).squeeze(1).exp() - y).abs().mean().item()


def main():
    generator = torch.Generator().manual_seed(2024)
    torch.manual_seed(2024)
    x_train, y_train = simulate_stations(1500, generator)
    x_test, y_test = simulate_stations(500, generator)

    model = nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Linear(24, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

    for epoch in range(1, 9):
        model.train()
        total, seen = 0.0, 0
        for x, y in batches(x_train, y_train, 50, generator):
            log_rate = model(x).squeeze(1)
            loss = poisson_objective(log_rate, y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(x)
            seen += len(x)
        error = mean_absolute_error(model, x_test, y_test)
        print(f"epoch {epoch}: objective {total / seen:.4f}, mean absolute error of the counts {error:.3f}")


if __name__ == "__main__":
    main()
