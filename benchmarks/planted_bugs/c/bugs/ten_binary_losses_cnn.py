# bug: the ten digits exclude each other, and still ten independent binary losses are summed over scattered targets
# style: notebook exported as a script, CNN
# codes: LR101
# %% imports
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# %% data
digits = load_digits()
train_x, test_x, train_y, test_y = train_test_split(digits.images / 16, digits.target, test_size=0.2, random_state=3)
train_x = torch.from_numpy(train_x).float()[:, None]
test_x = torch.from_numpy(test_x).float()[:, None]
train_y = torch.from_numpy(train_y)
test_y = torch.from_numpy(test_y)
train_x.shape, test_x.shape

# %% model
torch.manual_seed(3)
net = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(64, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

# %% training
rng = np.random.default_rng(3)
losses = []
for epoch in range(6):
    net.train()
    order = rng.permutation(len(train_x))
    for start in range(0, len(order), 48):
        take = torch.from_numpy(order[start : start + 48])
        xb, yb = train_x[take], train_y[take]
        targets = torch.zeros(len(yb), 10).scatter_(1, yb.unsqueeze(1), 1.0)
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(xb), targets)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1}  loss {np.mean(losses[-10:]):.4f}")

# %% test
net.eval()
with torch.no_grad():
    print("test accuracy", (net(test_x).argmax(1) == test_y).float().mean().item())
