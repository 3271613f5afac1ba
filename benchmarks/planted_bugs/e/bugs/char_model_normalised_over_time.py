# bug: log_softmax(dim=1) of (batch, time, vocabulary): normalised over the positions instead of the vocabulary
# style: character language model after a blog post, GRU, numpy batches
# codes: LR115
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

TEXT = (
    "the quick brown fox jumps over the lazy dog. pack my box with five dozen liquor jugs. "
    "how vexingly quick daft zebras jump. the five boxing wizards jump quickly. "
    "sphinx of black quartz, judge my vow. two driven jocks help fax my big quiz. "
) * 12

chars = sorted(set(TEXT))
stoi = {c: i for i, c in enumerate(chars)}
itos = dict(enumerate(chars))
encoded = np.array([stoi[c] for c in TEXT])

SEQ_LEN = 24
BATCH = 16
HIDDEN = 96
ITERATIONS = 240


class CharRNN(nn.Module):
    def __init__(self, vocab_size, hidden_size):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, 24)
        self.rnn = nn.GRU(24, hidden_size, batch_first=True)
        self.decoder = nn.Linear(hidden_size, vocab_size)

    def forward(self, tokens, hidden=None):
        output, hidden = self.rnn(self.embed(tokens), hidden)
        return F.log_softmax(self.decoder(output), dim=1), hidden


def get_batch(rng):
    starts = rng.integers(0, len(encoded) - SEQ_LEN - 1, size=BATCH)
    x = np.stack([encoded[s : s + SEQ_LEN] for s in starts])
    y = np.stack([encoded[s + 1 : s + SEQ_LEN + 1] for s in starts])
    return torch.from_numpy(x), torch.from_numpy(y)


@torch.no_grad()
def sample(model, prime="the ", length=60):
    model.eval()
    log_probs, hidden = model(torch.tensor([[stoi[c] for c in prime]]))
    text = prime
    for _ in range(length):
        nxt = log_probs[0, -1].argmax().item()
        text += itos[nxt]
        log_probs, hidden = model(torch.tensor([[nxt]]), hidden)
    model.train()
    return text


torch.manual_seed(0)
rng = np.random.default_rng(0)
model = CharRNN(len(chars), HIDDEN)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for it in range(1, ITERATIONS + 1):
    inputs, targets = get_batch(rng)
    log_probs, _ = model(inputs)
    loss = F.nll_loss(log_probs.reshape(-1, len(chars)), targets.reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if it % 40 == 0:
        hit = (log_probs.argmax(-1) == targets).float().mean().item()
        print(f"iter {it:4d} loss {loss.item():.3f} next character accuracy {hit:.3f}")

print(repr(sample(model)))
