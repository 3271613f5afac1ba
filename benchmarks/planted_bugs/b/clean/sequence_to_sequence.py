# style: encoder, decoder, attention by hand, teacher forcing
import math
import random

import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)
VOCAB, LENGTH, START = 12, 6, 0


class Encoder(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, dim)
        self.gru = nn.GRU(dim, dim, batch_first=True)

    def forward(self, tokens):
        return self.gru(self.embedding(tokens))


class Decoder(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, dim)
        self.cell = nn.GRUCell(2 * dim, dim)
        self.out = nn.Linear(dim, VOCAB)

    def forward(self, token, state, memory):
        scores = (memory @ state.unsqueeze(-1)).squeeze(-1) / math.sqrt(state.size(1))
        context = (scores.softmax(dim=1).unsqueeze(-1) * memory).sum(dim=1)
        state = self.cell(torch.cat([self.embedding(token), context], dim=1), state)
        return self.out(state), state


encoder, decoder = Encoder(32), Decoder(32)
parameters = [*encoder.parameters(), *decoder.parameters()]
optimizer = torch.optim.Adam(parameters, lr=5e-3)
criterion = nn.CrossEntropyLoss()
for step in range(150):
    source = torch.randint(1, VOCAB, (48, LENGTH))
    target = source.flip(1)
    memory, state = encoder(source)
    state, token, loss = state[0], torch.full((48,), START), 0.0
    for t in range(LENGTH):
        logits, state = decoder(token, state, memory)
        loss = loss + criterion(logits, target[:, t])
        token = target[:, t] if random.random() < 0.7 else logits.argmax(dim=1)
    loss = loss / LENGTH
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step}: {loss.item():.3f}")
