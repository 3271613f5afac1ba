# bug: the test rows are standardised with their own mean and deviation instead of those of the training rows
# style: StandardScaler.fit_transform on both parts, shifted test group
# codes: LR505
import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def patients(count, mean_age, rng):
    """Blood pressure that grows with age and weight."""
    age = rng.normal(mean_age, 10, count)
    weight = rng.normal(75, 12, count)
    smoker = rng.integers(0, 2, count)
    pressure = 80 + 0.8 * age + 0.3 * weight + 6 * smoker + rng.normal(0, 3, count)
    return np.stack([age, weight, smoker], axis=1), (pressure - 140) / 15


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


def fit(model, loader, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.MSELoss()
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {total / len(loader.dataset):.4f}")


def main():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    x_train, y_train = patients(1000, 45, rng)
    x_test, y_test = patients(300, 58, rng)
    scaler = StandardScaler()
    x_train = scaler.fit_transform(x_train)
    x_test = scaler.fit_transform(x_test)
    train_set = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train, dtype=torch.float32))
    model = Regressor()
    fit(model, DataLoader(train_set, batch_size=32, shuffle=True), epochs=20)
    model.eval()
    with torch.no_grad():
        prediction = model(torch.tensor(x_test, dtype=torch.float32))
    error = (prediction - torch.tensor(y_test, dtype=torch.float32)).pow(2).mean().item()
    print(f"test error {error:.4f}, variance of the target {y_test.var():.4f}")


main()
