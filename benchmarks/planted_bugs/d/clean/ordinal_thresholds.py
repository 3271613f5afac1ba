# clean: ordered grades as a row of "greater than k" decisions: binary cross entropy on cumulative targets is right here
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

GRADES = 5


class OrdinalNet(nn.Module):
    """One score, and an ordered list of thresholds that it has to exceed."""

    def __init__(self, features):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(features, 24), nn.ReLU(), nn.Linear(24, 1))
        self.first = nn.Parameter(torch.tensor(-2.0))
        self.gaps = nn.Parameter(torch.zeros(GRADES - 2))

    def thresholds(self):
        steps = nn.functional.softplus(self.gaps).cumsum(0)
        return torch.cat([self.first.view(1), self.first + steps])

    def forward(self, x):
        return self.score(x) - self.thresholds()


def levels(grade):
    """Grade 2 of 0..4 becomes 1, 1, 0, 0."""
    return (grade.unsqueeze(1) > torch.arange(GRADES - 1)).float()


def wines(count, rng):
    x = rng.normal(size=(count, 6))
    quality = x[:, 0] + 0.8 * np.tanh(2 * x[:, 1]) - 0.5 * x[:, 2] * x[:, 3] + 0.3 * rng.normal(size=count)
    grade = np.digitize(quality, [-1.5, -0.5, 0.5, 1.5])
    return TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(grade))


def evaluate(model, loader):
    model.eval()
    exact, distance, count = 0, 0, 0
    with torch.no_grad():
        for x, grade in loader:
            predicted = (model(x) > 0).sum(dim=1)
            exact += (predicted == grade).sum().item()
            distance += (predicted - grade).abs().sum().item()
            count += len(grade)
    return exact / count, distance / count


def main():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    train_loader = DataLoader(wines(2000, rng), batch_size=50, shuffle=True)
    test_loader = DataLoader(wines(500, rng), batch_size=250)
    model = OrdinalNet(6)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(12):
        model.train()
        total = 0.0
        for x, grade in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), levels(grade))
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        if epoch % 4 == 3:
            exact, distance = evaluate(model, test_loader)
            print(f"epoch {epoch + 1}: loss {total / 2000:.4f}, exact {exact:.3f}, mean distance {distance:.3f}")


main()
