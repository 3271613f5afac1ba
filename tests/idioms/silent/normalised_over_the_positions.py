"""Scores of each position, normalised over the classes, wherever they stand; attention is normalised over the positions."""

import torch
import torch.nn.functional as F
from other import batches
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 16, batch_first=True)
        self.head, self.gate, self.last = nn.Linear(16, 5), nn.Linear(16, 4), nn.Linear(16, 5)

    def forward(self, x):
        states, _ = self.rnn(x)
        weights = F.softmax(self.gate(states), dim=1)
        pooled = (weights.mean(2, keepdim=True) * states).sum(1)
        behind = F.log_softmax(self.head(states), dim=2)
        moved = F.log_softmax(self.head(states).transpose(1, 2), dim=1)
        return behind, moved, F.log_softmax(self.last(pooled), dim=1)


tagger = Tagger()
optimizer = torch.optim.Adam(tagger.parameters())
for x, y, label in batches:
    behind, moved, whole = tagger(x)
    loss = F.nll_loss(behind.view(-1, 5), y.view(-1)) + F.nll_loss(moved, y) + F.nll_loss(whole, label)
    loss = loss + F.nll_loss(moved.transpose(1, 2).reshape(-1, 5), y.view(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
