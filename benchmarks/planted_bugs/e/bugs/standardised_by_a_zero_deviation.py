# bug: every pixel is divided by its standard deviation, which is 0 for pixels that are always empty: NaN everywhere
# style: numpy preprocessing by hand (mean, std of the training part), MLP, learning curve kept in lists
# codes: LR701
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

np.seterr(invalid="ignore", divide="ignore")
rng = np.random.default_rng(0)
torch.manual_seed(0)

digits = load_digits()
X = digits.data.astype(np.float32)
y = digits.target.astype(np.int64)

perm = rng.permutation(len(X))
n_val = 300
val_idx, train_idx = perm[:n_val], perm[n_val:]

mu = X[train_idx].mean(axis=0)
sigma = X[train_idx].std(axis=0)
X = (X - mu) / sigma

X_train, y_train = torch.from_numpy(X[train_idx]), torch.from_numpy(y[train_idx])
X_val, y_val = torch.from_numpy(X[val_idx]), torch.from_numpy(y[val_idx])


def make_model(n_in, n_hidden, n_out, depth):
    layers = [nn.Linear(n_in, n_hidden), nn.ReLU()]
    for _ in range(depth - 1):
        layers.extend([nn.Linear(n_hidden, n_hidden), nn.ReLU()])
    layers.append(nn.Linear(n_hidden, n_out))
    return nn.Sequential(*layers)


model = make_model(64, 64, 10, depth=2)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5)

batch_size = 64
train_curve, val_curve = [], []
for epoch in range(15):
    model.train()
    order = torch.randperm(len(X_train))
    running = 0.0
    for i in range(0, len(order), batch_size):
        batch = order[i : i + batch_size]
        optimizer.zero_grad()
        loss = loss_fn(model(X_train[batch]), y_train[batch])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(batch)
    train_curve.append(running / len(order))

    model.eval()
    with torch.no_grad():
        scores = model(X_val)
        val_curve.append(loss_fn(scores, y_val).item())
        accuracy = (scores.argmax(dim=1) == y_val).float().mean().item()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1:2d}: train {train_curve[-1]:.4f}, val {val_curve[-1]:.4f}, accuracy {accuracy:.3f}")

print(f"best epoch by validation loss: {int(np.argmin(val_curve)) + 1}")
