"""Views that swap dimensions: the elements stay in their order, so they change their sample or their position."""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.dk = heads, dim // heads
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)

    def forward(self, x):
        B, T, C = x.shape
        q = self.q(x).view(B, self.heads, T, self.dk)  # error: batch-dim-mixed
        k = self.k(x).contiguous().view(B, self.heads, T, -1)  # error: batch-dim-mixed
        v = self.v(x).view(B, T, self.heads, self.dk).transpose(1, 2)
        return (q @ k.transpose(-2, -1)).softmax(-1) @ v


class Tagger(nn.Module):
    def __init__(self, words, dim):
        super().__init__()
        self.embed, self.lstm = nn.Embedding(words, dim), nn.LSTM(dim, dim)

    def forward(self, ids):
        e = self.embed(ids)
        e = e.view(e.size(1), e.size(0), e.size(2))  # error: batch-dim-mixed
        return self.lstm(e)[0]


def time_first(x):
    b, t, d = x.size()
    return x.reshape(t, b, d), x.reshape((t, b, -1))  # error: batch-dim-mixed, batch-dim-mixed


def by_subscript(x):
    return x.contiguous().view(x.shape[1], x.shape[0], -1)  # error: batch-dim-mixed


def channels_last(x):
    B, C, H, W = x.shape
    return x.view(B, H, W, C)  # error: batch-dim-mixed


def channels_first(x):
    b, h, w, c = x.shape
    return x.reshape(b, c, h, w)  # error: batch-dim-mixed


for images, _ in DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64):
    print(images.reshape(28, -1, 28))  # error: batch-dim-mixed


def rows_of_channels(x):
    B, C, H, W = x.shape
    return x.reshape(B, H * W, C)  # error: batch-dim-mixed


def heads_before_positions(out):
    B, heads, T, dk = out.size()
    return out.reshape(B, T, heads * dk)  # error: batch-dim-mixed


class Forgotten(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        B, T, C = x.shape
        q = self.q(x).view(B, T, self.heads, C // self.heads).transpose(1, 2)
        k = self.k(x).view(B, T, self.heads, C // self.heads).transpose(1, 2)
        v = self.v(x).view(B, T, self.heads, C // self.heads).permute(0, 2, 1, 3)
        weights = self.drop((q @ k.transpose(-2, -1) * 0.1).softmax(-1))
        out = weights @ v
        return out.contiguous().view(B, T, C)  # error: batch-dim-mixed


class LengthFirst(nn.Module):
    """The dimensions come from arguments that are (length, batch, numbers)."""

    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.dk = heads, dim // heads

    def forward(self, values, queries):
        batch = values.shape[1]
        length, asked = values.shape[0], queries.shape[0]
        values = values.reshape(batch, length, self.heads, self.dk)  # error: batch-dim-mixed
        queries = queries.reshape(batch, asked, self.heads, self.dk)  # the batch was read from the other tensor
        return torch.einsum("nqhd,nkhd->nhqk", queries, values)
