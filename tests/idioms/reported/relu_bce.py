import torch
import torch.nn as nn
import torch.nn.functional as F

n = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1), nn.ReLU())  # error: activation-on-logits
for x, y in loader:
    F.binary_cross_entropy_with_logits(n(x).squeeze(), y.float()).backward()
