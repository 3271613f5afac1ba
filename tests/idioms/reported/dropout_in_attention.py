import torch
import torch.nn as nn
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.qkv = nn.Linear(dim, dim * 3)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        scores = F.softmax(q @ k.transpose(-2, -1), dim=-1)
        scores = F.dropout(scores, 0.1)  # error: dropout-always-on
        out = nn.Linear(v.size(-1), v.size(-1))(scores @ v)  # error: layer-created-in-forward
        return out


net = Attention(16)
net(torch.zeros(2, 5, 16))
