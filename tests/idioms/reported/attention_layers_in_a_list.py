import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, width=32, depth=3):
        super().__init__()
        self.blocks = [nn.TransformerEncoderLayer(width, 4) for _ in range(depth)]  # error: unregistered-submodule
        one = nn.MultiheadAttention(width, 4)
        self.heads = nn.ModuleList([one for _ in range(depth)])  # error: one-layer-times-n

    def forward(self, x):
        for block, head in zip(self.blocks, self.heads):
            x = block(head(x, x, x)[0])
        return nn.GroupNorm(4, 32)(x)  # error: layer-created-in-forward


print(Encoder()(torch.zeros(8, 2, 32)).shape)
