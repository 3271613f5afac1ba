# bug: the validation at the end of the first epoch switches to eval() for good
# style: MLP with dropout and batch norm
# codes: LR207
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X).float() / 16, torch.tensor(y)
train_dl = DataLoader(TensorDataset(X[:1500], y[:1500]), batch_size=100, shuffle=True)
val_dl = DataLoader(TensorDataset(X[1500:], y[1500:]), batch_size=100)

model = nn.Sequential(
    nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.3),
    nn.Linear(64, 10),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
ce = nn.CrossEntropyLoss()


def validate():
    model.eval()
    hit = 0
    with torch.no_grad():
        for x, t in val_dl:
            hit += (model(x).argmax(-1) == t).sum().item()
    return hit / len(val_dl.dataset)


model.train()
for epoch in range(6):
    for x, t in train_dl:
        opt.zero_grad()
        loss = ce(model(x), t)
        loss.backward()
        opt.step()
    print(epoch, validate())
