# bug: predictions are (N, 1), labels (N,): the comparison gives N x N hits and an accuracy far above 1
# style: binary classifier with a Model wrapper that has fit/score like scikit-learn
# codes: LR221
import torch
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class TorchClassifier:
    """Small estimator around a network with one logit."""

    def __init__(self, n_features, hidden=32, lr=0.01, epochs=15, batch_size=50, random_state=0):
        torch.manual_seed(random_state)
        self.net = nn.Sequential(
            nn.Linear(n_features, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1)
        )
        self.loss_fn = nn.BCEWithLogitsLoss()
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=lr)
        self.epochs = epochs
        self.batch_size = batch_size

    def fit(self, X, y, X_val, y_val):
        loader = DataLoader(TensorDataset(X, y), batch_size=self.batch_size, shuffle=True)
        for epoch in range(self.epochs):
            self.net.train()
            epoch_loss, epoch_hits = 0.0, 0.0
            for xb, yb in loader:
                logits = self.net(xb)
                loss = self.loss_fn(logits.squeeze(1), yb)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                predicted = (torch.sigmoid(logits) >= 0.5).float()
                epoch_loss += loss.item() * len(yb)
                epoch_hits += (predicted == yb).sum().item()
            if epoch % 3 == 2:
                print(
                    f"epoch {epoch + 1:2d} loss {epoch_loss / len(X):.4f} accuracy {epoch_hits / len(X):.4f} "
                    f"validation {self.score(X_val, y_val):.4f}"
                )
        return self

    @torch.no_grad()
    def predict_proba(self, X):
        self.net.eval()
        return torch.sigmoid(self.net(X))

    def predict(self, X):
        return (self.predict_proba(X) >= 0.5).float()

    def score(self, X, y):
        return (self.predict(X) == y).float().sum().item() / len(y)


def main():
    X, y = make_moons(1200, noise=0.2, random_state=6)
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    idx_train, idx_val = train_test_split(range(len(X)), test_size=200, random_state=6)
    model = TorchClassifier(n_features=2)
    model.fit(X[idx_train], y[idx_train], X[idx_val], y[idx_val])
    print(f"final validation score {model.score(X[idx_val], y[idx_val]):.4f}")


if __name__ == "__main__":
    main()
