"""Targets from columns of tables and from arrays of numpy are rows."""

import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

df = pd.read_csv("houses.csv").dropna()
x_train, x_test, y_train, y_test = train_test_split(df.drop("price", axis=1).values, df["price"].values, test_size=0.2)
rows = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train, dtype=torch.float32))
net = nn.Sequential(nn.Linear(x_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(10):
    for x, y in DataLoader(rows, batch_size=32, shuffle=True):
        loss = nn.functional.mse_loss(net(x), y)  # error: loss-shape-broadcast
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


class Houses(Dataset):
    def __init__(self, path):
        self.df = pd.read_csv(path)
        self.x = self.df.iloc[:, :-1].values
        self.y = self.df.iloc[:, -1].to_numpy().astype("float32")

    def __len__(self):
        return len(self.df)

    def __getitem__(self, i):
        return torch.tensor(self.x[i]).float(), torch.tensor(self.y[i])


criterion = nn.SmoothL1Loss()
for epoch in range(10):
    for x, y in DataLoader(Houses("houses.csv"), batch_size=32, shuffle=True):
        loss = criterion(net(x), y)  # error: loss-shape-broadcast
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

x = np.linspace(-3, 3, 200)
y = np.sin(x) + 0.1 * np.random.randn(200)
X, Y = torch.tensor(x, dtype=torch.float32).unsqueeze(1), torch.tensor(y, dtype=torch.float32)
curve = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
adam = torch.optim.Adam(curve.parameters())
for step in range(1000):
    loss = nn.functional.mse_loss(curve(X), Y)  # error: loss-shape-broadcast
    adam.zero_grad()
    loss.backward()
    adam.step()
