import torch
from torch import nn


class LSTMTagger(nn.Module):
    def __init__(self, vocab, dim, tags):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim)
        self.rnn = nn.LSTM(dim, 64, batch_first=True)
        self.out = nn.Linear(128, tags)

    def forward(self, x):
        h, _ = self.rnn(self.emb(x))
        return self.out(h)  # error: feature-size-mismatch


net = LSTMTagger(100, 32, 5)
net(torch.zeros(2, 7, dtype=torch.long))
