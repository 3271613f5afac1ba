"""Targets of tables and arrays that are columns, of which the shape is not known, or that a squeeze fits."""

import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

df = pd.read_csv("houses.csv")
df.max()
df["price"].sum()
df["price"].values.max()
name = "price"
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(net.parameters())
sheets = pd.read_excel("houses.xlsx", sheet_name=None)


def fit(x, y):
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2)
    rows = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train, dtype=torch.float32))
    for epoch in range(10):
        for x, y in DataLoader(rows, batch_size=32, shuffle=True):
            loss = nn.functional.mse_loss(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def as_columns():
    fit(df.drop("price", axis=1).values, df[["price"]].values)
    fit(df.iloc[:, :-1].values, df.iloc[:, -1:].values)
    fit(df.iloc[:, :-1].values, df["price"].values.reshape(-1, 1))
    fit(df.iloc[:, :-1].values, df["price"].to_numpy()[:, None])
    fit(df.iloc[:, :-1].values, df[name].values[:, np.newaxis])
    fit(df.iloc[:, :-1].values, sheets["price"].values)
    fit(df.loc[:, ["a", "b"]].values, df.loc[:, ["price"]].values)


as_columns()


class Houses(Dataset):
    def __init__(self, path):
        self.df = pd.read_csv(path)
        self.x, self.y = self.df.iloc[:, :-1].values, self.df.iloc[:, -1].values

    def __len__(self):
        return len(self.df)

    def __getitem__(self, i):
        return torch.tensor(self.x[i]).float(), torch.tensor([self.y[i]]).float()


for epoch in range(10):
    for x, y in DataLoader(Houses("houses.csv"), batch_size=32, shuffle=True):
        loss = nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

x = np.linspace(-3, 3, 200).reshape(-1, 1)
y = np.sin(x) + 0.1 * np.random.randn(200, 1)
X, Y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
curve = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
adam = torch.optim.Adam(curve.parameters())
for step in range(1000):
    loss = nn.functional.mse_loss(curve(X), Y) + nn.functional.mse_loss(curve(X).squeeze(1), Y[:, 0])
    adam.zero_grad()
    loss.backward()
    adam.step()
