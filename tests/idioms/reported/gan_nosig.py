import torch
import torch.nn as nn
import torch.nn.functional as F


class D(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))

    def forward(self, x):
        return self.main(x)


d = D()
adv = nn.BCELoss()
for x, _ in loader:
    real = torch.ones(x.size(0), 1)
    loss = adv(d(x), real)  # error: bce-on-logits
    loss.backward()
