# bug: F1 of a rare class is computed in every small batch and then averaged
# style: binary detector, sklearn.metrics in the evaluation loop, pos_weight
# codes: LR222
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import f1_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, digit = load_digits(return_X_y=True)
X = torch.tensor(X / 16, dtype=torch.float32)
is_eight = torch.tensor(digit == 8, dtype=torch.float32)
train_set = TensorDataset(X[:1200], is_eight[:1200])
valid_set = TensorDataset(X[1200:], is_eight[1200:])
train_loader = DataLoader(train_set, batch_size=40, shuffle=True)
valid_loader = DataLoader(valid_set, batch_size=16)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.layers(x).squeeze(-1)


def evaluate(model, loader):
    model.eval()
    scores = []
    with torch.no_grad():
        for x, y in loader:
            flagged = model(x) > 0
            scores.append(f1_score(y.numpy(), flagged.numpy(), zero_division=0))
    return np.mean(scores)


model = Detector()
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(4.0))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
    print(f"epoch {epoch}: F1 {evaluate(model, valid_loader):.3f}")
