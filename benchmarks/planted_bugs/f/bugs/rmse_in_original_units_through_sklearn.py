# bug: predictions go through scaler.inverse_transform in numpy and come back as a new tensor: nothing reaches the net
# style: student's regression project, loss in the units of the target, dataclass of settings
# codes: LR321 LR118 LR112
from dataclasses import dataclass

import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Settings:
    batch_size: int = 32
    epochs: int = 20
    lr: float = 0.005
    hidden: int = 64
    seed: int = 5


class Regressor(nn.Module):
    def __init__(self, n_in, hidden):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_in, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden // 2),
            nn.ReLU(),
            nn.Linear(hidden // 2, 1),
        )

    def forward(self, x):
        return self.layers(x)


def to_original_units(values, scaler):
    restored = scaler.inverse_transform(values.detach().numpy())
    return torch.tensor(restored, dtype=torch.float32, requires_grad=True)


def main():
    settings = Settings()
    torch.manual_seed(settings.seed)
    X, y = load_diabetes(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=settings.seed)
    x_scaler = StandardScaler().fit(X_train)
    y_scaler = StandardScaler().fit(y_train.reshape(-1, 1))

    train_set = TensorDataset(
        torch.tensor(x_scaler.transform(X_train), dtype=torch.float32),
        torch.tensor(y_train.reshape(-1, 1), dtype=torch.float32),
    )
    test_x = torch.tensor(x_scaler.transform(X_test), dtype=torch.float32)
    test_y = torch.tensor(y_test.reshape(-1, 1), dtype=torch.float32)
    loader = DataLoader(train_set, batch_size=settings.batch_size, shuffle=True)

    model = Regressor(X.shape[1], settings.hidden)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr)
    for epoch in range(settings.epochs):
        model.train()
        running = 0.0
        for features, target in loader:
            optimizer.zero_grad()
            predicted = to_original_units(model(features), y_scaler)
            loss = criterion(predicted, target)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(features)
        model.eval()
        with torch.no_grad():
            test_error = criterion(to_original_units(model(test_x), y_scaler), test_y).item()
        if epoch % 4 == 3:
            train_rmse = (running / len(train_set)) ** 0.5
            print(f"epoch {epoch + 1}: train RMSE {train_rmse:.2f}, test RMSE {test_error**0.5:.2f}")


if __name__ == "__main__":
    main()
