# bug: pressure near 101325 Pa and a humidity in per cent enter the network as they are
# style: engineer's predictive-maintenance script, dataclass of readings, generator fit(), Adam
# codes: LR712 LR705
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Reading:
    pressure_pa: float
    vibration: float
    humidity: float
    temperature_k: float
    fails: int

    def features(self):
        return [self.pressure_pa, self.vibration, self.humidity, self.temperature_k]


def simulate(n, seed):
    g = torch.Generator().manual_seed(seed)
    readings = []
    for z in torch.randn(n, 4, generator=g):
        risk = 1.6 * z[1] + 1.2 * z[3] * z[0] - 0.8 * z[2]
        fails = int(torch.rand((), generator=g) < torch.sigmoid(2 * risk))
        readings.append(
            Reading(
                pressure_pa=101325 + 900 * z[0].item(),
                vibration=0.02 + 0.004 * z[1].item(),
                humidity=55 + 12 * z[2].item(),
                temperature_k=310 + 6 * z[3].item(),
                fails=fails,
            )
        )
    return readings


class ReadingDataset(Dataset):
    def __init__(self, readings):
        self.readings = readings

    def __len__(self):
        return len(self.readings)

    def __getitem__(self, index):
        reading = self.readings[index]
        return torch.tensor(reading.features()), torch.tensor(reading.fails)


def make_model():
    return nn.Sequential(
        nn.Linear(4, 32),
        nn.ReLU(),
        nn.Linear(32, 16),
        nn.ReLU(),
        nn.Linear(16, 2),
    )


def fit(model, loader, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        losses = []
        for features, fails in loader:
            optimizer.zero_grad()
            loss = criterion(model(features), fails)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        yield epoch, sum(losses) / len(losses)


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    correct = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return correct / len(loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(14)
    train_loader = DataLoader(ReadingDataset(simulate(900, seed=1)), batch_size=32, shuffle=True)
    test_loader = DataLoader(ReadingDataset(simulate(300, seed=2)), batch_size=100)
    model = make_model()
    for epoch, loss in fit(model, train_loader, epochs=10, lr=1e-3):
        print(f"epoch {epoch}: loss {loss:.4f}, test accuracy {accuracy(model, test_loader):.3f}")
