import torch
from torch import nn


class Seq2Seq(nn.Module):
    def __init__(self, vocab=50, dim=16, layers=2):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim)
        self.encoder = nn.LSTM(dim, 32, layers, batch_first=True, bidirectional=True, dropout=0.1)
        self.bridge = nn.Linear(64, 32)
        self.decoder = nn.LSTM(dim, 32, batch_first=True)
        self.out = nn.Linear(32, vocab)

    def forward(self, src, tgt):
        states, (h, c) = self.encoder(self.emb(src))
        h = self.bridge(torch.cat([h[-2], h[-1]], dim=1)).unsqueeze(0)
        c = self.bridge(torch.cat((c[-2], c[-1]), dim=-1)).unsqueeze(0)
        out, _ = self.decoder(self.emb(tgt), (h, c))
        return self.out(out), self.bridge(states)


net = Seq2Seq()
scores, _ = net(torch.zeros(2, 5, dtype=torch.long), torch.zeros(2, 7, dtype=torch.long))
rnn = nn.RNN(10, 20, 2)
out, h = rnn(torch.zeros(5, 3, 10))
head = nn.Linear(20, 4)
print(head(out[-1]), head(h[-1]), head(out.mean(0)), head(h.view(2, 3, 20)[1]))
gru = nn.GRU(10, 20, batch_first=True)
o, s = gru(torch.zeros(3, 5, 10))
print(head(o[:, -1]), head(s.squeeze(0)), nn.Linear(100, 4)(o.reshape(3, -1)))
