# style: fine-tuning: backbone frozen and kept in eval by an overridden train(), then unfrozen at a tiny rate
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Backbone(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )


class FineTuned(nn.Module):
    def __init__(self, backbone, classes):
        super().__init__()
        self.backbone, self.head = backbone, nn.Linear(256, classes)
        self.backbone.requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()  # its statistics are those of the first task, in both phases
        return self

    def forward(self, x):
        return self.head(self.backbone(x))


def fit(model, loader, optimizer, epochs):
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


torch.manual_seed(0)
digits = load_digits()
x, y = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16, torch.tensor(digits.target)
small = y < 5
first = DataLoader(TensorDataset(x[:1400][small[:1400]], y[:1400][small[:1400]]), batch_size=40, shuffle=True)
second = DataLoader(TensorDataset(x[:1400][~small[:1400]], y[:1400][~small[:1400]] - 5), batch_size=40, shuffle=True)
new_x, new_y = x[1400:][~small[1400:]], y[1400:][~small[1400:]] - 5

pretrained = nn.Sequential(Backbone(), nn.Linear(256, 5))
fit(pretrained, first, torch.optim.Adam(pretrained.parameters(), lr=3e-3), 3)

model = FineTuned(pretrained[0], 5)
fit(model, second, torch.optim.Adam(model.head.parameters(), lr=3e-3), 5)
print(f"head only: {accuracy(model, new_x, new_y):.3f}")
model.backbone.requires_grad_(True)
groups = [{"params": model.backbone.parameters(), "lr": 1e-6}, {"params": model.head.parameters()}]
fit(model, second, torch.optim.Adam(groups, lr=1e-4), 4)
print(f"all, tiny rate: {accuracy(model, new_x, new_y):.3f}")
