"""A layer with one output: beside columns, in rows, for one sample at a time, and beside numbers that are no targets."""

import torch
from other import prepare
from sklearn.datasets import load_diabetes, make_regression
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

F = nn.functional
X, y = load_diabetes(return_X_y=True)
X = StandardScaler().fit_transform(X).astype("float32")
y = StandardScaler().fit_transform(y.reshape(-1, 1)).astype("float32")
loader = DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(y)), batch_size=32, shuffle=True)
net = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(10):
    for x, target in loader:
        loss = F.mse_loss(net(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

X, y = make_regression(n_samples=1000, n_features=10)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
levels = torch.linspace(-1, 1, 9)
for epoch in range(10):
    order = torch.randperm(len(X))
    for start in range(0, len(X), 50):
        batch = order[start : start + 50]
        out = net(prepare(X[batch]))
        loss = F.l1_loss(out.squeeze(1), y[batch]) + F.l1_loss(out[:, 0], y[batch]) + F.l1_loss(out.view(-1), y[batch])
        loss = loss + F.l1_loss(out, y[batch].unsqueeze(1)) + F.l1_loss(out, y[batch][:, None])
        loss = loss + F.l1_loss(out.T[0], y[batch]) + F.l1_loss(out.reshape(y[batch].shape), y[batch])
        loss = loss + (out - levels).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for i in range(len(X)):
        loss = F.mse_loss(net(prepare(X[i])), y[i : i + 1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
number = int(torch.randint(1000, (1,)))
print(F.mse_loss(net(X[number]), y[number : number + 1]))
