# bug: forward returns sigmoid probabilities, the loss is BCEWithLogitsLoss: the sigmoid is applied twice
# style: Kaggle notebook turned script, imbalanced tabular data, pos_weight, evaluation by AUC
# codes: LR103
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

SEED = 2023
BATCH = 128
EPOCHS = 15

np.random.seed(SEED)
torch.manual_seed(SEED)

# ---------------------------------------------------------------- data
X, y = make_classification(
    n_samples=4000, n_features=20, n_informative=8, weights=[0.9], class_sep=0.8, random_state=SEED
)
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.25, stratify=y, random_state=SEED)
scaler = StandardScaler().fit(X_train)
X_train, X_valid = scaler.transform(X_train), scaler.transform(X_valid)

train_ds = TensorDataset(torch.FloatTensor(X_train), torch.FloatTensor(y_train))
valid_ds = TensorDataset(torch.FloatTensor(X_valid), torch.FloatTensor(y_valid))
train_dl = DataLoader(train_ds, batch_size=BATCH, shuffle=True)
valid_dl = DataLoader(valid_ds, batch_size=512)


# ---------------------------------------------------------------- model
class FraudNet(nn.Module):
    def __init__(self, n_features, hidden=64):
        super().__init__()
        self.layer_1 = nn.Linear(n_features, hidden)
        self.layer_2 = nn.Linear(hidden, hidden)
        self.layer_out = nn.Linear(hidden, 1)
        self.relu = nn.ReLU()
        self.batchnorm1 = nn.BatchNorm1d(hidden)
        self.batchnorm2 = nn.BatchNorm1d(hidden)

    def forward(self, inputs):
        x = self.batchnorm1(self.relu(self.layer_1(inputs)))
        x = self.batchnorm2(self.relu(self.layer_2(x)))
        return torch.sigmoid(self.layer_out(x)).squeeze(1)


model = FraudNet(X.shape[1])
pos_weight = torch.tensor((y_train == 0).sum() / (y_train == 1).sum(), dtype=torch.float32)
criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

# ---------------------------------------------------------------- training
for epoch in range(EPOCHS):
    model.train()
    losses = []
    for xb, yb in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    model.eval()
    preds = []
    with torch.no_grad():
        for xb, _ in valid_dl:
            preds.append(model(xb).numpy())
    preds = np.concatenate(preds)
    print(
        f"epoch {epoch:2d} | train loss {np.mean(losses):.4f} | auc {roc_auc_score(y_valid, preds):.4f}"
        f" | ap {average_precision_score(y_valid, preds):.4f} | logloss {log_loss(y_valid, preds.clip(1e-6, 1 - 1e-6)):.3f}"
    )
