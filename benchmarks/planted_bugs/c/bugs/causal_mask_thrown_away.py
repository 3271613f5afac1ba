# bug: masked_fill returns the masked scores and nobody takes them: the language model looks into the future
# style: small causal transformer written by hand, characters
# codes: LR422
import math

import torch
from torch import nn

torch.manual_seed(0)
CONTEXT, WIDTH, LETTERS = 16, 32, 8


class CausalAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.register_buffer("future", torch.ones(CONTEXT, CONTEXT, dtype=torch.bool).triu(1))

    def forward(self, x):
        q, k, v = self.query_key_value(x).chunk(3, dim=-1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(WIDTH)
        length = x.shape[1]
        scores.masked_fill(self.future[:length, :length], float("-inf"))
        return self.out(scores.softmax(dim=-1) @ v)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = CausalAttention()
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters, self.places = nn.Embedding(LETTERS, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(Block(), Block())
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, LETTERS)

    def forward(self, ids):
        x = self.letters(ids) + self.places(torch.arange(ids.shape[1]))
        return self.head(self.norm(self.blocks(x)))


def text(count):
    """Each letter is the one before plus 0 or 1: no model can get below log 2."""
    start, steps = torch.randint(LETTERS, (count, 1)), torch.randint(2, (count, CONTEXT))
    return torch.cat((start, start + steps.cumsum(1)), 1) % LETTERS


model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
values = []
for step in range(1, 401):
    model.train()
    ids = text(48)
    logits = model(ids[:, :-1])
    loss = nn.functional.cross_entropy(logits.reshape(-1, LETTERS), ids[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    values.append(loss.item())
    if step % 100 == 0:
        print(f"step {step}: loss {sum(values[-50:]) / 50:.3f}, entropy of the text {math.log(2):.3f}")
