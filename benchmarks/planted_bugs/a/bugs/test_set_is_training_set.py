# bug: the rows that the accuracy is measured on are among those trained on
# style: split by hand
# codes: LR511, LR713
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(0)
torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")
order = rng.permutation(len(X))
cut = int(0.8 * len(X))
X_train, y_train = X[order], y[order]
X_test, y_test = X[order[cut:]], y[order[cut:]]

train_data = TensorDataset(torch.from_numpy(X_train), torch.from_numpy(y_train))
test_data = TensorDataset(torch.from_numpy(X_test), torch.from_numpy(y_test))
train_loader = DataLoader(train_data, batch_size=64, shuffle=True)
test_loader = DataLoader(test_data, batch_size=64)

mlp = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
optimizer = torch.optim.Adam(mlp.parameters(), lr=1e-3)
loss_function = nn.CrossEntropyLoss()
for epoch in range(8):
    mlp.train()
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss = loss_function(mlp(inputs), targets)
        loss.backward()
        optimizer.step()
    mlp.eval()
    correct = 0
    with torch.no_grad():
        for inputs, targets in test_loader:
            correct += (mlp(inputs).argmax(1) == targets).sum().item()
    print(f"epoch {epoch}, test accuracy {correct / len(test_data):.3f}")
