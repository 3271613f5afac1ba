# bug: the frozen backbone stays in train mode: its batch norm statistics drift
# style: transfer learning, requires_grad_(False)
# codes: LR324
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


class Pretrained(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(256, 5)

    def forward(self, x):
        return self.head(self.backbone(x))


def fit(model, loader, params, epochs):
    optimizer = torch.optim.Adam(params, lr=2e-3)
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(xb), yb)
            loss.backward()
            optimizer.step()
    return loss.item()


model = Pretrained()
print("pretraining", fit(model, source, model.parameters(), 3))
for p in model.backbone.parameters():
    p.requires_grad = False
model.head = nn.Linear(256, 5)
print("fine-tuning", fit(model, target, model.head.parameters(), 4))
