# bug: the validation loader is built from the training set
# style: random_split
# codes: LR511, LR713
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
train_set, valid_set = random_split(TensorDataset(X, y), [1400, 397])
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
valid_loader = DataLoader(train_set, batch_size=64)
model = nn.Sequential(nn.Linear(64, 80), nn.ReLU(), nn.Linear(80, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(5):
    model.train()
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    hits, seen = 0, 0
    with torch.no_grad():
        for xb, yb in valid_loader:
            hits += (model(xb).argmax(1) == yb).sum().item()
            seen += len(yb)
    print(f"epoch {epoch}: validation accuracy {hits / seen:.3f}")
