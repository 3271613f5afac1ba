import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_diabetes

d = load_diabetes()
X = torch.tensor(d.data, dtype=torch.float32)
y = torch.tensor(d.target, dtype=torch.float32)
m = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
for _ in range(10):
    loss = nn.L1Loss()(m(X), y)  # error: loss-shape-broadcast
    loss.backward()
