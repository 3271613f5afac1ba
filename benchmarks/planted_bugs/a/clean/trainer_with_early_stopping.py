# style: Trainer class with callbacks
import copy

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class EarlyStopping:
    def __init__(self, patience=3):
        self.patience, self.best, self.bad, self.state = patience, float("inf"), 0, None

    def __call__(self, loss, model):
        if loss < self.best:
            self.best, self.bad, self.state = loss, 0, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience


class Trainer:
    def __init__(self, model, optimizer, criterion):
        self.model, self.optimizer, self.criterion = model, optimizer, criterion

    def _run(self, loader, training):
        self.model.train(training)
        loss_sum, correct, n = 0.0, 0, 0
        with torch.set_grad_enabled(training):
            for x, y in loader:
                logits = self.model(x).squeeze(1)
                loss = self.criterion(logits, y)
                if training:
                    self.optimizer.zero_grad()
                    loss.backward()
                    self.optimizer.step()
                loss_sum += loss.item() * len(y)
                correct += ((logits > 0).float() == y).sum().item()
                n += len(y)
        return loss_sum / n, correct / n

    def fit(self, train_loader, valid_loader, epochs):
        stopper = EarlyStopping()
        for epoch in range(epochs):
            train_loss, train_accuracy = self._run(train_loader, True)
            valid_loss, valid_accuracy = self._run(valid_loader, False)
            print(f"{epoch}: {train_loss:.3f} {train_accuracy:.3f} | {valid_loss:.3f} {valid_accuracy:.3f}")
            if stopper(valid_loss, self.model):
                break
        self.model.load_state_dict(stopper.state)


torch.manual_seed(0)
X, y = load_breast_cancer(return_X_y=True)
order = torch.randperm(len(X))
scaler = StandardScaler().fit(X[order[:400]])
X = torch.tensor(scaler.transform(X), dtype=torch.float32)[order]
y = torch.tensor(y, dtype=torch.float32)[order]
model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))
trainer = Trainer(model, torch.optim.AdamW(model.parameters(), lr=3e-3), nn.BCEWithLogitsLoss())
trainer.fit(
    DataLoader(TensorDataset(X[:400], y[:400]), batch_size=32, shuffle=True),
    DataLoader(TensorDataset(X[400:], y[400:]), batch_size=64),
    epochs=20,
)
