# bug: losses of shape (N, 1) times weights of shape (N,) give an N x N product: every weight meets every loss
# style: weighted regression with outliers, synthetic housing data, functions
# codes: LR117
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def make_houses(count, rng):
    income = rng.gamma(4, 1, count)
    rooms = rng.normal(5, 1, count)
    age = rng.uniform(0, 50, count)
    price = 0.6 * income + 0.3 * rooms - 0.01 * age + 0.2 * income * (age < 10)
    reliable = rng.random(count) > 0.3
    price = np.where(reliable, price + rng.normal(0, 0.1, count), price + rng.normal(6, 2, count))
    features = np.stack([income, rooms, age], axis=1)
    features = (features - features.mean(0)) / features.std(0)
    weight = np.where(reliable, 1.0, 0.02)
    return [torch.tensor(part, dtype=torch.float32) for part in (features, price[:, None], weight)]


def weighted_error(prediction, target, weight):
    losses = nn.functional.mse_loss(prediction, target, reduction="none")
    return (losses * weight).mean()


def train_epoch(model, loader, optimizer):
    model.train()
    total = 0.0
    for x, y, w in loader:
        optimizer.zero_grad()
        loss = weighted_error(model(x), y, w)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


def main():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    x, y, w = make_houses(2000, rng)
    x_test, y_test, w_test = make_houses(500, rng)
    model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(x, y, w), batch_size=50, shuffle=True)
    for epoch in range(15):
        loss = train_epoch(model, loader, optimizer)
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}: loss {loss:.4f}")
    model.eval()
    good = w_test == 1
    with torch.no_grad():
        bias = (model(x_test) - y_test)[good].mean().item()
    print(f"bias on reliable houses {bias:+.3f}")


main()
