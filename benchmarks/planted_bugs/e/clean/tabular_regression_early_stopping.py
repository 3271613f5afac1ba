# clean: ordinary tabular regression: scaled inputs and targets, early stopping on a validation part, one test at the end
# style: config dataclass, EarlyStopping class with a deep copy of the best weights, ReduceLROnPlateau with the metric
# tempts: LR117 (a column squeezed before the loss), LR309 (plateau scheduler), LR322, LR225
import copy
from dataclasses import dataclass

import torch
from sklearn.datasets import make_friedman1
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    hidden: int = 64
    lr: float = 3e-3
    batch_size: int = 64
    max_epochs: int = 40
    patience: int = 8
    seed: int = 5


class EarlyStopping:
    def __init__(self, patience):
        self.patience = patience
        self.best = float("inf")
        self.bad_epochs = 0
        self.state = None

    def update(self, value, model):
        if value < self.best:
            self.best, self.bad_epochs = value, 0
            self.state = copy.deepcopy(model.state_dict())
        else:
            self.bad_epochs += 1
        return self.bad_epochs >= self.patience


class MLPRegressor(nn.Module):
    def __init__(self, n_features, hidden):
        super().__init__()
        self.hidden1 = nn.Linear(n_features, hidden)
        self.hidden2 = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(0.05)

    def forward(self, x):
        x = self.dropout(torch.relu(self.hidden1(x)))
        x = self.dropout(torch.relu(self.hidden2(x)))
        return self.out(x)


def predict(model, loader):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(x).squeeze(1) for x, _ in loader])


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    X, y = make_friedman1(2400, n_features=10, noise=1.0, random_state=cfg.seed)
    X_rest, X_test, y_rest, y_test = train_test_split(X, y, test_size=400, random_state=cfg.seed)
    X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, test_size=400, random_state=cfg.seed)
    x_scaler = StandardScaler().fit(X_train)
    y_scaler = StandardScaler().fit(y_train.reshape(-1, 1))

    def loader(features, target, shuffle=False):
        features = torch.tensor(x_scaler.transform(features), dtype=torch.float32)
        target = torch.tensor(y_scaler.transform(target.reshape(-1, 1)), dtype=torch.float32)
        return DataLoader(TensorDataset(features, target.squeeze(1)), batch_size=cfg.batch_size, shuffle=shuffle)

    train_loader, val_loader, test_loader = loader(X_train, y_train, True), loader(X_val, y_val), loader(X_test, y_test)
    model = MLPRegressor(X.shape[1], cfg.hidden)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=3)
    stopper = EarlyStopping(cfg.patience)
    val_targets = torch.cat([t for _, t in val_loader])
    for epoch in range(cfg.max_epochs):
        model.train()
        total = 0.0
        for features, target in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(features).squeeze(1), target)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(target)
        val_loss = criterion(predict(model, val_loader), val_targets).item()
        scheduler.step(val_loss)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: train {total / len(y_train):.4f}, validation {val_loss:.4f}")
        if stopper.update(val_loss, model):
            print(f"stopped after epoch {epoch + 1}")
            break
    model.load_state_dict(stopper.state)
    forecast = y_scaler.inverse_transform(predict(model, test_loader).reshape(-1, 1).numpy()).ravel()
    print(f"test: R2 {r2_score(y_test, forecast):.4f}, MAE {mean_absolute_error(y_test, forecast):.4f}")


if __name__ == "__main__":
    main()
