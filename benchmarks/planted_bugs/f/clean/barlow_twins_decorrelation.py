# style: research code, self-supervised Barlow Twins (a loss across the batch), frozen linear probe afterwards
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
labels = torch.tensor(digits.target)
train_x, train_y, test_x, test_y = images[:1400], labels[:1400], images[1400:], labels[1400:]


def augment(x):
    shift = torch.randint(-1, 2, (2,)).tolist()
    x = torch.roll(x, shift, dims=(2, 3))
    return x * (0.8 + 0.4 * torch.rand(len(x), 1, 1, 1)) + 0.08 * torch.randn_like(x)


class BarlowTwins(nn.Module):
    def __init__(self, dim=64, lambd=0.01):
        super().__init__()
        self.lambd = lambd
        self.backbone = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.projector = nn.Sequential(nn.Linear(512, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, dim))
        self.norm = nn.BatchNorm1d(dim, affine=False)

    def forward(self, a, b):
        za = self.norm(self.projector(self.backbone(a)))
        zb = self.norm(self.projector(self.backbone(b)))
        c = za.t() @ zb / len(a)
        on_diagonal = (torch.diagonal(c) - 1).pow(2).sum()
        off_diagonal = (c - torch.diag(torch.diagonal(c))).pow(2).sum()
        return on_diagonal + self.lambd * off_diagonal


def pretrain(model, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-6)
    loader = DataLoader(TensorDataset(train_x), batch_size=128, shuffle=True, drop_last=True)
    for epoch in range(epochs):
        model.train()
        losses = []
        for (x,) in loader:
            loss = model(augment(x), augment(x))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"pretraining epoch {epoch}: loss {sum(losses) / len(losses):.3f}")


@torch.no_grad()
def encode(model, x):
    model.eval()
    return torch.cat([model.backbone(part) for part in x.split(256)])


def probe(train_features, test_features, epochs=10):
    head = nn.Linear(train_features.shape[1], 10)
    optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(train_features, train_y), batch_size=128, shuffle=True)
    for _ in range(epochs):
        for features, target in loader:
            optimizer.zero_grad()
            F.cross_entropy(head(features), target).backward()
            optimizer.step()
    with torch.no_grad():
        return (head(test_features).argmax(1) == test_y).float().mean().item()


model = BarlowTwins()
pretrain(model, epochs=10)
accuracy = probe(encode(model, train_x), encode(model, test_x))
print(f"linear probe accuracy {accuracy:.3f}")
