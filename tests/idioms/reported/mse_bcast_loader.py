import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader


class D(Dataset):
    def __init__(self):
        self.x = torch.randn(100, 3)
        self.y = torch.randn(100)

    def __len__(self):
        return 100

    def __getitem__(self, i):
        return self.x[i], self.y[i]


net = nn.Linear(3, 1)
for x, y in DataLoader(D(), batch_size=10):
    F.mse_loss(net(x), y).backward()  # error: loss-shape-broadcast
