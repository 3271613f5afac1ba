"""A layer with one output beside rows of targets: scaled or picked samples, and samples that are not known."""

import torch
from other import prepare
from sklearn.datasets import load_breast_cancer, load_diabetes, make_regression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

F = nn.functional
X, y = load_diabetes(return_X_y=True)
X = StandardScaler().fit_transform(X).astype("float32")
loader = DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(y.astype("float32"))), batch_size=32, shuffle=True)
net = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(10):
    for x, target in loader:
        loss = F.mse_loss(net(x), target)  # error: loss-shape-broadcast
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

X, y = make_regression(n_samples=1000, n_features=10)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
for epoch in range(10):
    order = torch.randperm(len(X))
    for start in range(0, len(X), 50):
        batch = order[start : start + 50]
        loss = F.l1_loss(net(X[batch]), y[batch])  # error: loss-shape-broadcast
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


class Rows(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


data = load_breast_cancer()
x_train, x_test, y_train, y_test = train_test_split(data.data, data.target)
rows = Rows(prepare(x_train), torch.tensor(y_train).float())
model = nn.Sequential(nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters())
for epoch in range(10):
    correct = 0
    for x, target in DataLoader(rows, batch_size=16, shuffle=True):
        scores = model(x)
        loss = F.binary_cross_entropy_with_logits(scores, target.unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        correct += ((scores > 0) == target).sum().item()  # error: accuracy-shape-broadcast


def simulate(n):
    x = torch.rand(n, 10)
    return x, 2 * torch.pi * x[:, 0] + torch.randn(n)


class Pinball(nn.Module):
    def forward(self, forecast, demand):
        error = demand - forecast  # error: loss-shape-broadcast
        return torch.max(0.1 * error, -0.9 * error).mean()


features, demand = simulate(2000)
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(10):
    for index in torch.randperm(len(features)).split(64):
        loss = Pinball()(net(features[index]), demand[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
