# bug: 1 - F1 of thresholded decisions is used as loss and made differentiable by requires_grad = True: nothing is learnt
# style: Kaggle competition script that optimises its own metric, config dict, best-score tracking
# codes: LR321 LR112 LR704
import copy

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CFG = {"seed": 7, "epochs": 10, "batch_size": 64, "lr": 1e-2, "hidden": 48, "threshold": 0.5}


def seed_everything(seed):
    torch.manual_seed(seed)


def f1_from_probs(probs, targets, threshold):
    predictions = (probs > threshold).float()
    tp = (predictions * targets).sum()
    fp = (predictions * (1 - targets)).sum()
    fn = ((1 - predictions) * targets).sum()
    return 2 * tp / (2 * tp + fp + fn + 1e-8)


class F1Loss(nn.Module):
    def __init__(self, threshold):
        super().__init__()
        self.threshold = threshold

    def forward(self, logits, targets):
        loss = 1 - f1_from_probs(torch.sigmoid(logits), targets, self.threshold)
        loss.requires_grad = True
        return loss


class Net(nn.Module):
    def __init__(self, n_features, hidden):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(n_features, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(self.encoder(x)).squeeze(-1)


def train_fn(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def valid_fn(model, loader):
    model.eval()
    probs = torch.cat([torch.sigmoid(model(xb)) for xb, _ in loader])
    targets = torch.cat([yb for _, yb in loader])
    return f1_from_probs(probs, targets, CFG["threshold"]).item()


def to_ds(X, y):
    return TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))


def run():
    seed_everything(CFG["seed"])
    X, y = make_classification(3000, 24, n_informative=10, weights=[0.7], random_state=CFG["seed"])
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.2, stratify=y, random_state=CFG["seed"])
    train_dl = DataLoader(to_ds(X_tr, y_tr), batch_size=CFG["batch_size"], shuffle=True, drop_last=True)
    valid_dl = DataLoader(to_ds(X_va, y_va), batch_size=256)

    model = Net(X.shape[1], CFG["hidden"])
    criterion = F1Loss(CFG["threshold"])
    optimizer = torch.optim.Adam(model.parameters(), lr=CFG["lr"])
    best_f1, best_weights = -1.0, None
    for epoch in range(CFG["epochs"]):
        loss = train_fn(model, train_dl, criterion, optimizer)
        f1 = valid_fn(model, valid_dl)
        if f1 > best_f1:
            best_f1, best_weights = f1, copy.deepcopy(model.state_dict())
        print(f"epoch {epoch} train loss {loss:.4f} valid f1 {f1:.4f}")
    model.load_state_dict(best_weights)
    print(f"best f1 {best_f1:.4f}")


if __name__ == "__main__":
    run()
