# bug: generate() puts the language model into eval() after the first epoch; train() was called once before the loop
# style: character-level language model with config dataclass, generate() shown after every epoch
# codes: LR207
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class GPTConfig:
    block_size: int = 24
    n_embd: int = 32
    dropout: float = 0.3
    batch_size: int = 32
    steps_per_epoch: int = 40
    epochs: int = 8
    lr: float = 3e-3


WORDS = "the a old red small dog cat bird sees likes hears and so then runs sings sleeps quickly here".split()


def make_text(n, seed):
    g = torch.Generator().manual_seed(seed)
    picks = torch.randint(len(WORDS), (n,), generator=g)
    return " ".join(WORDS[int(i)] for i in picks)


text = make_text(120, seed=0)
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
encode = lambda s: torch.tensor([stoi[c] for c in s])  # noqa: E731
decode = lambda ids: "".join(chars[i] for i in ids)  # noqa: E731
train_data, val_data = encode(text), encode(make_text(400, seed=1))


class CharLM(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(len(chars), config.n_embd)
        self.drop = nn.Dropout(config.dropout)
        self.rnn = nn.GRU(config.n_embd, config.n_embd * 3, batch_first=True)
        self.head = nn.Linear(config.n_embd * 3, len(chars))

    def forward(self, idx, targets=None):
        out, _ = self.rnn(self.drop(self.embed(idx)))
        logits = self.head(self.drop(out))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    @torch.no_grad()
    def generate(self, prompt, n):
        self.eval()
        ids = prompt.clone()
        for _ in range(n):
            logits, _ = self(ids[:, -self.config.block_size :])
            ids = torch.cat([ids, torch.multinomial(logits[:, -1].softmax(-1), 1)], dim=1)
        return ids


def get_batch(data, config):
    starts = torch.randint(len(data) - config.block_size - 1, (config.batch_size,))
    x = torch.stack([data[i : i + config.block_size] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + config.block_size] for i in starts])
    return x, y


def fit(config):
    torch.manual_seed(1337)
    model = CharLM(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.lr)
    model.train()
    for epoch in range(config.epochs):
        total = 0.0
        for _ in range(config.steps_per_epoch):
            x, y = get_batch(train_data, config)
            _, loss = model(x, y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item()
        sample = decode(model.generate(encode("the ").unsqueeze(0), 40)[0].tolist())
        with torch.no_grad():
            val_loss = sum(model(*get_batch(val_data, config))[1].item() for _ in range(5)) / 5
        print(f"epoch {epoch}: train {total / config.steps_per_epoch:.3f}, val {val_loss:.3f} | {sample!r}")


if __name__ == "__main__":
    fit(GPTConfig())
