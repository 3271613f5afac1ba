# clean: three tasks weighted by learned log-variances; the total loss rightly falls below zero
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class MultiTask(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.digit = nn.Linear(hidden, 10)
        self.centre = nn.Linear(hidden, 2)
        self.ink = nn.Linear(hidden, 1)

    def forward(self, x):
        shared = self.trunk(x)
        return self.digit(shared), self.centre(shared), self.ink(shared)


class UncertaintyWeights(nn.Module):
    """Kendall, Gal and Cipolla: exp(-s) * loss + s / 2 for each task."""

    def __init__(self, tasks):
        super().__init__()
        self.log_variance = nn.Parameter(torch.zeros(tasks))

    def forward(self, losses):
        stacked = torch.stack(losses)
        return (torch.exp(-self.log_variance) * stacked + 0.5 * self.log_variance).sum()


def make_targets(images):
    mass = images.sum(dim=(1, 2))
    position = torch.arange(8.0)
    row = (images.sum(dim=2) * position).sum(dim=1) / mass
    col = (images.sum(dim=1) * position).sum(dim=1) / mass
    return torch.stack([row, col], dim=1) - 3.5, (mass / 64 - 0.3).unsqueeze(1) * 10


torch.manual_seed(0)
digits = load_digits()
order = torch.randperm(len(digits.target))
images = torch.tensor(digits.images, dtype=torch.float32)[order] / 16
labels = torch.tensor(digits.target)[order]
centres, ink = make_targets(images)
data = (images.flatten(1), labels, centres, ink)
loader = DataLoader(TensorDataset(*(part[:1400] for part in data)), batch_size=56, shuffle=True)
x_test, digit_test, centre_test, ink_test = (part[1400:] for part in data)

model, weights = MultiTask(), UncertaintyWeights(tasks=3)
optimizer = torch.optim.Adam([{"params": model.parameters()}, {"params": weights.parameters(), "lr": 2e-2}], lr=2e-3)
cross_entropy, mse = nn.CrossEntropyLoss(), nn.MSELoss()
for epoch in range(1, 25):
    model.train()
    total = 0.0
    for x, digit, centre, mass in loader:
        scores, centre_guess, mass_guess = model(x)
        loss = weights([cross_entropy(scores, digit), mse(centre_guess, centre), mse(mass_guess, mass)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 6 == 0:
        print(
            f"epoch {epoch}: loss {total / len(loader):.4f}, log variances {weights.log_variance.detach().numpy().round(2)}"
        )

model.eval()
with torch.no_grad():
    scores, centre_guess, mass_guess = model(x_test)
    print(
        f"test: digit accuracy {(scores.argmax(1) == digit_test).float().mean().item():.3f}, "
        f"centre error {mse(centre_guess, centre_test).item():.4f}, ink error {mse(mass_guess, ink_test).item():.4f}"
    )
