"""Scores of each position are normalised over the positions; their loss takes the classes."""

import torch
import torch.nn.functional as F
from other import batches
from torch import nn


class Characters(nn.Module):
    def __init__(self, size, hidden):
        super().__init__()
        self.embed = nn.Embedding(size, 24)
        self.rnn = nn.GRU(24, hidden, batch_first=True)
        self.decoder = nn.Linear(hidden, size)

    def forward(self, tokens):
        output, _ = self.rnn(self.embed(tokens))
        return F.log_softmax(self.decoder(output), dim=1)  # error: softmax-dim


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 16, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 5)
        self.norm = nn.LogSoftmax(dim=1)  # error: softmax-dim

    def forward(self, x):
        scores = self.head(self.rnn(x)[0])
        return self.norm(scores)


characters, tagger = Characters(50, 64), Tagger()
optimizer = torch.optim.Adam([*characters.parameters(), *tagger.parameters()])
criterion = nn.NLLLoss()
for x, y in batches:
    loss = F.nll_loss(characters(x).reshape(-1, 50), y.reshape(-1))
    loss = loss + criterion(tagger(x).view(-1, 5), y.view(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
