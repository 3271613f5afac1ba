import torch
import torch.nn as nn
import torch.nn.functional as F


class UNet(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.enc = nn.Conv2d(3, 8, 3, padding=1)
        self.out = nn.Conv2d(8, c, 1)

    def forward(self, x):
        return torch.sigmoid(self.out(F.relu(self.enc(x))))


m = UNet(1)
crit = nn.BCEWithLogitsLoss()
for im, mask in loader:
    crit(m(im), mask).backward()  # error: sigmoid-before-bce-with-logits
