# style: transfer learning, frozen backbone in eval mode, two parameter groups
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
digits = load_digits()
X = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
y = torch.tensor(digits.target)
source = DataLoader(TensorDataset(X[y < 5], y[y < 5]), batch_size=64, shuffle=True)
target = DataLoader(TensorDataset(X[y >= 5], y[y >= 5] - 5), batch_size=64, shuffle=True)
backbone = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Flatten(),
)  # fmt: skip
head = nn.Linear(256, 5)
optimizer = torch.optim.Adam([{"params": backbone.parameters()}, {"params": head.parameters(), "lr": 5e-3}], lr=2e-3)
for epoch in range(3):
    backbone.train()
    total = 0.0
    for xb, yb in source:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(head(backbone(xb)), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("pretraining", total / len(source))

backbone.requires_grad_(False)
backbone.eval()
new_head = nn.Linear(256, 5)
optimizer = torch.optim.Adam(new_head.parameters(), lr=5e-3)
for epoch in range(3):
    total = 0.0
    for xb, yb in target:
        with torch.no_grad():
            features = backbone(xb)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(new_head(features), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("fine-tuning", total / len(target))
