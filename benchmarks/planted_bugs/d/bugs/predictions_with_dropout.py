# bug: the final prediction of the test set is made in training mode, with dropout and batch statistics
# style: sklearn-like estimator class (fit / predict)
# codes: LR205
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from torch import nn


class TorchClassifier:
    def __init__(self, hidden=64, dropout=0.5, epochs=15, lr=2e-3, batch_size=64, seed=0):
        self.hidden, self.dropout, self.epochs = hidden, dropout, epochs
        self.lr, self.batch_size, self.seed = lr, batch_size, seed

    def _build(self, features, classes):
        return nn.Sequential(
            nn.Linear(features, self.hidden, bias=False),
            nn.BatchNorm1d(self.hidden),
            nn.ReLU(),
            nn.Dropout(self.dropout),
            nn.Linear(self.hidden, classes),
        )

    def fit(self, X, y):
        torch.manual_seed(self.seed)
        self.classes_ = np.unique(y)
        self.mean_, self.std_ = X.mean(0), X.std(0) + 1e-6
        inputs = torch.from_numpy((X - self.mean_) / self.std_).float()
        targets = torch.from_numpy(np.searchsorted(self.classes_, y))
        self.model_ = self._build(X.shape[1], len(self.classes_))
        optimizer = torch.optim.Adam(self.model_.parameters(), lr=self.lr)
        self.model_.train()
        for _ in range(self.epochs):
            for index in torch.randperm(len(inputs)).split(self.batch_size):
                loss = nn.functional.cross_entropy(self.model_(inputs[index]), targets[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return self

    def predict_proba(self, X):
        inputs = torch.from_numpy((X - self.mean_) / self.std_).float()
        with torch.no_grad():
            scores = [self.model_(part) for part in inputs.split(8)]
        return torch.cat(scores).softmax(dim=1).numpy()

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)
classifier = TorchClassifier().fit(X_train, y_train)
for _ in range(3):
    print(f"test accuracy {accuracy_score(y_test, classifier.predict(X_test)):.4f}")
print(confusion_matrix(y_test, classifier.predict(X_test)).diagonal())
