# bug: the tagger's forward ends in a softmax, and the loss takes another one
# style: GRU tagger, collate_fn with padding, ignore_index
# codes: LR102
import random

import torch
import torch.nn.functional as func
from torch import nn as layers
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(1)
torch.manual_seed(1)
VOCABULARY, TAGS, PAD = 30, 6, -100


def sentence():
    words = [random.randrange(1, VOCABULARY) for _ in range(random.randint(5, 12))]
    tags = [(w % 3) + (3 if i and words[i - 1] % 2 else 0) for i, w in enumerate(words)]
    return torch.tensor(words), torch.tensor(tags)


def collate(batch):
    words, tags = zip(*batch)
    return pad_sequence(words, batch_first=True), pad_sequence(tags, batch_first=True, padding_value=PAD)


class Tagger(layers.Module):
    def __init__(self, width=32):
        super().__init__()
        self.embedding = layers.Embedding(VOCABULARY, 16, padding_idx=0)
        self.gru = layers.GRU(16, width, batch_first=True)
        self.to_tags = layers.Linear(width, TAGS)

    def forward(self, words):
        states, _ = self.gru(self.embedding(words))
        return func.softmax(self.to_tags(states), dim=-1)


def score(tagger, corpus):
    right = seen = 0
    tagger.eval()
    with torch.no_grad():
        for words, tags in DataLoader(corpus, batch_size=64, collate_fn=collate):
            keep = tags != PAD
            right += (tagger(words).argmax(-1) == tags)[keep].sum().item()
            seen += keep.sum().item()
    return right / seen


train, held_out = [sentence() for _ in range(640)], [sentence() for _ in range(128)]
tagger = Tagger()
optimiser = torch.optim.Adam(tagger.parameters(), lr=5e-3)
for epoch in range(8):
    tagger.train()
    summed = tokens = 0
    for words, tags in DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate):
        optimiser.zero_grad()
        loss = func.cross_entropy(tagger(words).flatten(0, 1), tags.flatten(), ignore_index=PAD)
        loss.backward()
        optimiser.step()
        count = (tags != PAD).sum().item()
        summed, tokens = summed + loss.item() * count, tokens + count
    print(f"epoch {epoch}: loss {summed / tokens:.3f}, held-out tags right {score(tagger, held_out):.3f}")
