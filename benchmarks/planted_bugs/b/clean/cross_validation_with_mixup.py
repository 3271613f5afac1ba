# style: folds, mixup, label smoothing
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import KFold
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

torch.manual_seed(0)
np.random.seed(0)
X, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y))
scores = []
for fold, (train_rows, test_rows) in enumerate(KFold(3, shuffle=True, random_state=0).split(X)):
    model = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    loader = DataLoader(Subset(data, train_rows.tolist()), batch_size=64, shuffle=True, drop_last=True)
    test_loader = DataLoader(Subset(data, test_rows.tolist()), batch_size=128)
    for epoch in range(4):
        model.train()
        for xb, yb in loader:
            share = float(np.random.beta(0.2, 0.2))
            partner = torch.randperm(len(xb))
            out = model(share * xb + (1 - share) * xb[partner])
            loss = share * F.cross_entropy(out, yb, label_smoothing=0.1)
            loss = loss + (1 - share) * F.cross_entropy(out, yb[partner], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    correct = 0
    with torch.no_grad():
        for xb, yb in test_loader:
            correct += (model(xb).argmax(dim=1) == yb).sum().item()
    scores.append(correct / len(test_rows))
    print(f"fold {fold}: {scores[-1]:.3f}")
