# clean: pretrained backbone with batch normalisation, frozen, kept in eval mode by an overridden train(); only the head learns
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def make_backbone():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
    )


class Transfer(nn.Module):
    def __init__(self, backbone, classes):
        super().__init__()
        self.backbone = backbone.requires_grad_(False)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(128, classes))

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, x):
        with torch.no_grad():
            features = self.backbone(x)
        return self.head(features)


def fit(model, loader, optimizer, epochs, label):
    criterion = nn.CrossEntropyLoss()
    for _ in range(epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
    print(f"{label}: loss of the last epoch {total / len(loader.dataset):.4f}")


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target)
    low = labels < 5
    source = DataLoader(TensorDataset(images[low], labels[low]), batch_size=64, shuffle=True)
    backbone = make_backbone()
    pretraining = nn.Sequential(backbone, nn.Linear(128, 5))
    fit(pretraining, source, torch.optim.Adam(pretraining.parameters(), lr=3e-3), 6, "pretraining")

    x, y = images[~low], labels[~low] - 5
    order = torch.randperm(len(y))
    x, y = x[order], y[order]
    model = Transfer(backbone, classes=5)
    target = DataLoader(TensorDataset(x[:500], y[:500]), batch_size=50, shuffle=True)
    fit(model, target, torch.optim.Adam(model.head.parameters(), lr=1e-2), 15, "transfer")
    print(f"test accuracy {accuracy(model, x[500:], y[500:]):.3f}")
