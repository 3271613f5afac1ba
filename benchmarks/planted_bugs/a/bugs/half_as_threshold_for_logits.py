# bug: raw logits are compared with 0.5
# style: binary MLP, BCEWithLogits
# codes: LR209
import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = make_classification(n_samples=1200, n_features=12, n_informative=6, random_state=0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
train_dl = DataLoader(TensorDataset(X[:900], y[:900]), batch_size=60, shuffle=True)
valid_dl = DataLoader(TensorDataset(X[900:], y[900:]), batch_size=60)


class Detector(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_features, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


model = Detector(12)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(8):
    model.train()
    for xb, yb in train_dl:
        loss = criterion(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.inference_mode():
        hits = sum(((model(xb) > 0.5).float() == yb).sum().item() for xb, yb in valid_dl)
    print(f"epoch {epoch} valid accuracy {hits / 300:.3f}")
