"""Batches that are all full: 48 samples in three of 16, or without the rest."""

import torch
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

iris = load_iris()
x_train, x_test, y_train, y_test = train_test_split(iris.data, iris.target, test_size=48)
scaler = MinMaxScaler().fit(x_train)
test = TensorDataset(torch.tensor(scaler.transform(x_test)).float(), torch.tensor(y_test))
train = TensorDataset(torch.tensor(scaler.transform(x_train)).float(), torch.tensor(y_train))
net = nn.Linear(4, 3)
for loader in (DataLoader(test, batch_size=16), DataLoader(train, batch_size=16, drop_last=True)):
    net.eval()
    correct = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (net(x).argmax(1) == y).sum().item()
    print(correct / (len(loader) * 16))
