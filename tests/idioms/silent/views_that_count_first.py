"""Views that keep the samples together: one step, the batch first, another tensor's batch, a number that is not known."""

import torch
from torch import nn


class Recurrent(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.start = nn.Linear(16, layers * 8)
        self.lstm = nn.LSTM(3, 8)

    def forward(self, x, z, state):
        batch = x.size(0)
        one = x[:, 0].reshape(1, batch, 3)
        rows = x.view(batch, 32, 3).transpose(0, 1)
        both = state.view(2, batch, 8)
        some = self.start(z).view(self.layers, z.size(0), 8)
        output, (h, c) = self.lstm(rows)
        last = h.view(2, h.size(0), 8)
        return one, both, some, output, last
