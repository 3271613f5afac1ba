# bug: KLDivLoss receives softmax probabilities as its first argument, it expects log-probabilities
# style: label distribution learning for age estimation, Gaussian soft labels, research code with Solver class
# codes: LR113
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

AGES = torch.arange(0, 40, dtype=torch.float32)


def age_to_distribution(age, sigma=2.0):
    density = torch.exp(-((AGES - age.unsqueeze(1)) ** 2) / (2 * sigma**2))
    return density / density.sum(dim=1, keepdim=True)


def synthetic_faces(n, generator):
    """Twelve noisy measurements that depend on the age in different ways."""
    age = 5 + 30 * torch.rand(n, generator=generator)
    frequency = torch.linspace(0.02, 0.2, 12)
    features = torch.sin(age.unsqueeze(1) * frequency) + 0.1 * torch.randn(n, 12, generator=generator)
    return features, age


class AgeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.head = nn.Linear(64, len(AGES))
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        probs = self.softmax(self.head(self.features(x)))
        expected = (probs * AGES).sum(dim=1)
        return probs, expected


class Solver:
    def __init__(self, lr=1e-3):
        self.net = AgeNet()
        self.kl = nn.KLDivLoss(reduction="batchmean")
        self.optim = torch.optim.Adam(self.net.parameters(), lr=lr)

    def fit(self, loader, val_features, val_age, epochs):
        for epoch in range(epochs):
            self.net.train()
            total = 0.0
            for features, age in loader:
                probs, _ = self.net(features)
                loss = self.kl(probs, age_to_distribution(age))
                self.optim.zero_grad()
                loss.backward()
                self.optim.step()
                total += loss.item()
            print(
                f"epoch {epoch + 1}: kl {total / len(loader):.4f}, "
                f"validation mae {self.mae(val_features, val_age):.2f} years"
            )

    @torch.no_grad()
    def mae(self, features, age):
        self.net.eval()
        _, expected = self.net(features)
        return (expected - age).abs().mean().item()


def main():
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(0)
    train = TensorDataset(*synthetic_faces(1500, g))
    val_features, val_age = synthetic_faces(400, g)
    loader = DataLoader(train, batch_size=50, shuffle=True)
    Solver().fit(loader, val_features, val_age, epochs=12)


if __name__ == "__main__":
    main()
