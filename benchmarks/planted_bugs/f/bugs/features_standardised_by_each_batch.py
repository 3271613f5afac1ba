# bug: forward standardises its features with the mean and deviation of the batch, when predicting, too
# style: student project (heating cost of buildings), preprocessing inside the model, single predictions at the end
# codes: LR709
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


class CostModel(nn.Module):
    """Takes raw features (area, age, outside temperature, floors), so that users need no preprocessing."""

    def __init__(self, n_features=4, hidden=32):
        super().__init__()
        self.fc1 = nn.Linear(n_features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 1)

    def forward(self, x):
        x = (x - x.mean(dim=0)) / (x.std(dim=0, unbiased=False) + 1e-6)
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x).squeeze(1)


def buildings(n, seed):
    g = torch.Generator().manual_seed(seed)
    area = 60 + 180 * torch.rand(n, generator=g)
    age = 80 * torch.rand(n, generator=g)
    temperature = -5 + 20 * torch.rand(n, generator=g)
    floors = torch.randint(1, 5, (n,), generator=g).float()
    cost = area * (1 + age / 60) * (22 - temperature) / 1000 + 0.4 * floors + 0.2 * torch.randn(n, generator=g)
    return torch.stack([area, age, temperature, floors], dim=1), cost


def train_model(model, loader, epochs=15, lr=0.01):
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(epochs):
        model.train()
        running_loss = 0.0
        for features, cost in loader:
            optimizer.zero_grad()
            loss = criterion(model(features), cost)
            loss.backward()
            optimizer.step()
            running_loss += loss.item() * features.size(0)
        if (epoch + 1) % 5 == 0:
            print(f"Epoch {epoch + 1}, training loss {running_loss / len(loader.dataset):.4f}")


def mean_error(model, features, cost, batch_size):
    model.eval()
    errors = []
    with torch.no_grad():
        for x, y in zip(features.split(batch_size), cost.split(batch_size)):
            errors.append((model(x) - y).abs())
    return torch.cat(errors).mean().item()


if __name__ == "__main__":
    torch.manual_seed(2)
    x_train, y_train = buildings(800, seed=1)
    x_test, y_test = buildings(200, seed=2)
    model = CostModel()
    train_model(model, DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True))
    print(f"mean absolute error on the test set: {mean_error(model, x_test, y_test, batch_size=100):.3f}")
    coldest = x_test[x_test[:, 2].argsort()]
    print(f"mean absolute error, one building at a time: {mean_error(model, x_test, y_test, batch_size=1):.3f}")
    print("the ten coldest:", [round(v, 1) for v in model(coldest[:10]).tolist()])
