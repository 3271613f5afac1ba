"""Views that keep the order of the dimensions, or that move elements on purpose."""

import torch
from torch import nn
from torchvision import datasets, transforms


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.dk = heads, dim // heads
        self.q, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x, memory):
        B, T, C = x.shape
        q = self.q(x).view(B, T, self.heads, self.dk).transpose(1, 2)
        v = self.v(memory).view(B, self.heads, T, self.dk)  # of another tensor: nothing is known of its dimensions
        one = self.v(x).view(B, 1, T, C)
        out = (q @ q.transpose(-2, -1)).softmax(-1) @ v + one
        return self.proj(out.transpose(1, 2).reshape(B, T, C))


def attention_of_tokens(x, layer, heads):
    B, T, C = x.shape
    columns = layer(x).transpose(1, 2)
    return columns.reshape(B, heads, C // heads, T), columns.reshape(B, C, T)


def swapped_by_permute(x):
    B, C, H, W = x.shape
    channels_last = x.permute(0, 2, 3, 1).reshape(B, H * W, C)
    return channels_last.view(B, H, W, C), x.view(B, C, H * W), x.view(B * C, 1, H, W)


def patches(x, p):
    B, C, H, W = x.shape
    windows = x.view(B, C, H // p, p, W // p, p).permute(0, 2, 4, 1, 3, 5)
    return windows.reshape(B, (H // p) * (W // p), C * p * p)


def channel_shuffle(x, groups):
    b, c, h, w = x.size()
    return x.view(b, groups, c // groups, h, w).transpose(1, 2).reshape(b, c, h, w)


def by_time(x, encoder):
    T, B, D = x.shape
    flat = x.view(T * B, D)
    return encoder(flat).view(T, B, -1), x.view(T, B, D), x.transpose(0, 1).reshape(B, T, D)


def relative_shift(x):
    """The shift of Transformer-XL: a view that swaps two dimensions, on purpose."""
    q, k, b, h = x.size()
    x = x.reshape(k, q, b, h)[1:]
    return x.reshape(q, k - 1, b, h)


def relative_shift_of_heads(x):
    b, h, q, k = x.shape
    return x.reshape(b, h, k, q)[:, :, 1:].reshape(b, h, q, k - 1)


def spread(z, k):
    net = nn.Linear(10, 80)
    B, F = z.shape
    return net(z).view(B, k, F, 2)  # the second dimension is the one that the layer replaces


def given(x, batch, length):
    return x.view(length, batch, -1), x.view(x.size(0), x.size(1), -1)


def states(x):
    lstm = nn.LSTM(8, 8, batch_first=True)
    _, (h, _) = lstm(x)
    return h.view(h.size(1), h.size(0), h.size(2))  # one layer: its dimension has size 1


images = torch.utils.data.DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=4)
for x, _ in images:
    print(x.view(-1, 28, 28).permute(1, 0, 2).shape, x.view(4, -1, 784).shape, x.view(1, -1, 784).shape)


def one_channel(x):
    B, C, T, F = x.shape
    return x.view(B, T, F), x.view(B, T, -1), x.view(B, C * T, F), x.transpose(1, 2).reshape(B, T, C * F)


class Merged(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)

    def forward(self, x):
        B, T, C = x.shape
        q = self.q(x).view(B, T, self.heads, C // self.heads).transpose(1, 2)
        k = self.k(x).view(B, T, self.heads, C // self.heads).transpose(2, 1)
        v = self.v(x).view(B, T, self.heads, C // self.heads)
        same = v.transpose(1, 2).reshape(B, self.heads, T, C // self.heads)
        flat = same.reshape(B * self.heads, T, -1)
        out = (q @ k.transpose(-2, -1)).softmax(-1) @ same
        mixed = self.q(q @ v.transpose(1, 2)).reshape(B, self.heads, T, -1)  # a layer behind the transpose
        back = torch.matmul((q @ k.mT).softmax(-1), v.transpose(1, 2)).permute(0, 2, 1, 3)
        among_heads = (v @ v.mT).softmax(-1) @ v
        back = back + among_heads
        out = out.transpose(1, 2).reshape(B, T, C) + among_heads.reshape(B, T, C)
        return out + back.reshape(B, T, C) + v.reshape(B, T, C), flat, mixed


def of_two_images(x, y):
    B, C, H, W = x.shape
    _, _, h, w = y.shape
    return x.reshape(B, H * w, C), x.reshape(B, h * w, C)
