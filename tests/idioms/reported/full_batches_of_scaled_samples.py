"""A denominator of full batches: the last one of three samples is counted as sixteen."""

import torch
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

iris = load_iris()
x_train, x_test, y_train, y_test = train_test_split(iris.data, iris.target, test_size=51)
x_test = MinMaxScaler().fit(x_train).transform(x_test)
loader = DataLoader(TensorDataset(torch.tensor(x_test).float(), torch.tensor(y_test)), batch_size=16)
net = nn.Linear(4, 3)
net.eval()
correct = 0
with torch.no_grad():
    for x, y in loader:
        correct += (net(x).argmax(1) == y).sum().item()
print(correct / (len(loader) * 16))  # error: accuracy-denominator
