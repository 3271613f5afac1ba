# bug: `best = net.state_dict()` holds the live tensors: what is restored at the end is the last state, not the best
# style: random_split, early stopping with patience, overfitting on purpose
# codes: LR322
import math

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


def loss_over(net, loader, criterion):
    net.eval()
    summed = 0.0
    with torch.no_grad():
        for x, y in loader:
            summed += criterion(net(x), y).item() * len(y)
    return summed / len(loader.dataset)


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.waited, self.lowest, self.best = patience, 0, math.inf, None

    def stop(self, value, net):
        if value < self.lowest:
            self.lowest, self.waited = value, 0
            self.best = net.state_dict()
        else:
            self.waited += 1
        return self.waited >= self.patience


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
noisy = torch.tensor(X, dtype=torch.float32) / 16 + 0.35 * torch.randn(len(X), 64)
train, valid, rest = random_split(TensorDataset(noisy, torch.tensor(y)), [400, 400, 997])
train_loader, valid_loader = DataLoader(train, 25, shuffle=True), DataLoader(valid, 100)
net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
stopping = EarlyStopping(patience=6)
for epoch in range(40):
    net.train()
    for inputs, labels in train_loader:
        optimizer.zero_grad()
        criterion(net(inputs), labels).backward()
        optimizer.step()
    value = loss_over(net, valid_loader, criterion)
    print(f"epoch {epoch}: validation loss {value:.3f}")
    if stopping.stop(value, net):
        break
net.load_state_dict(stopping.best)
print(f"lowest {stopping.lowest:.3f}, restored {loss_over(net, valid_loader, criterion):.3f}")
