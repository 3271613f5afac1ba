import torch
from sklearn.datasets import load_digits
from torch import nn

X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X).float() / 16, torch.tensor(y)
few = y < 5
images, labels = X[few], y[few]
net = nn.Linear(64, 5)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for rows in torch.randperm(len(labels)).split(32):
    loss = nn.functional.cross_entropy(net(images[rows]), labels[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
