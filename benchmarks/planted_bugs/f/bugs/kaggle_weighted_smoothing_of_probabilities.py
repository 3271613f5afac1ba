# bug: the model returns softmax probabilities and cross_entropy (weighted, smoothed) takes them for logits
# style: Kaggle notebook turned into a script, stratified hold-out, class weights, label smoothing
# codes: LR102
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_class_weight
from torch.utils.data import DataLoader, TensorDataset

SEED = 42
EPOCHS = 12
BATCH = 64
LR = 2e-3
SMOOTH = 0.05

np.random.seed(SEED)
torch.manual_seed(SEED)

# ---------- data ----------
digits = load_digits()
keep = np.random.rand(len(digits.target)) < np.where(digits.target < 3, 0.35, 1.0)  # as rare as in the competition
X = (digits.data[keep] / 16.0).astype("float32")
y = digits.target[keep]
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, stratify=y, random_state=SEED)

weights = torch.tensor(compute_class_weight("balanced", classes=np.unique(y_tr), y=y_tr), dtype=torch.float32)

train_dl = DataLoader(TensorDataset(torch.tensor(X_tr), torch.tensor(y_tr)), batch_size=BATCH, shuffle=True)
valid_dl = DataLoader(TensorDataset(torch.tensor(X_va), torch.tensor(y_va)), batch_size=256)


# ---------- model ----------
class TabularNet(nn.Module):
    def __init__(self, n_features, n_classes, width=96, p=0.2):
        super().__init__()
        self.bn0 = nn.BatchNorm1d(n_features)
        self.fc1 = nn.Linear(n_features, width)
        self.bn1 = nn.BatchNorm1d(width)
        self.fc2 = nn.Linear(width, width)
        self.bn2 = nn.BatchNorm1d(width)
        self.drop = nn.Dropout(p)
        self.out = nn.Linear(width, n_classes)

    def forward(self, x):
        x = self.bn0(x)
        x = self.drop(F.silu(self.bn1(self.fc1(x))))
        x = self.drop(F.silu(self.bn2(self.fc2(x))))
        return self.out(x).softmax(dim=-1)


def run_epoch(model, loader, optimizer=None):
    model.train(optimizer is not None)
    total, outputs, labels = 0.0, [], []
    with torch.set_grad_enabled(optimizer is not None):
        for xb, yb in loader:
            preds = model(xb)
            loss = F.cross_entropy(preds, yb, weight=weights, label_smoothing=SMOOTH)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(xb)
            outputs.append(preds.detach())
            labels.append(yb)
    return total / len(loader.dataset), torch.cat(outputs).double().numpy(), torch.cat(labels).numpy()


# ---------- training ----------
model = TabularNet(X.shape[1], 10)
optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=1e-3)
for epoch in range(EPOCHS):
    train_loss, _, _ = run_epoch(model, train_dl, optimizer)
    valid_loss, probs, truth = run_epoch(model, valid_dl)
    score = balanced_accuracy_score(truth, probs.argmax(1))
    ll = log_loss(truth, probs / probs.sum(1, keepdims=True), labels=list(range(10)))
    print(f"epoch {epoch:2d} | train {train_loss:.4f} | valid {valid_loss:.4f} | bacc {score:.4f} | logloss {ll:.4f}")
