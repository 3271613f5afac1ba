# clean: micro-batches of very different length; summed losses, gradients divided by the tokens of the whole step before it
import torch
from torch import nn

LETTERS, MICRO = 6, 4


def make_text(length, generator):
    """The next letter is the sum of the last two, modulo the alphabet, with a few errors."""
    text = torch.randint(LETTERS, (length,), generator=generator)
    for i in range(2, length):
        if torch.rand((), generator=generator) > 0.05:
            text[i] = (text[i - 1] + text[i - 2]) % LETTERS
    return text


def micro_batches(texts, size):
    ordered = sorted(texts, key=len)
    groups = {}
    for text in ordered:
        groups.setdefault(len(text), []).append(text)
    batches = [torch.stack(group[i : i + size]) for group in groups.values() for i in range(0, len(group), size)]
    for i in torch.randperm(len(batches)).tolist():
        yield batches[i]


class Model(nn.Module):
    def __init__(self, dim=16, hidden=48):
        super().__init__()
        self.embedding = nn.Embedding(LETTERS, dim)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.out = nn.Linear(hidden, LETTERS)

    def forward(self, x):
        return self.out(self.gru(self.embedding(x))[0])


def summed_loss(model, batch):
    scores = model(batch[:, :-1])
    return nn.functional.cross_entropy(scores.flatten(0, 1), batch[:, 1:].flatten(), reduction="sum")


def update(model, optimizer, tokens):
    for p in model.parameters():
        p.grad /= tokens
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()


def train_epoch(model, optimizer, texts):
    model.train()
    total = all_tokens = waiting = tokens = 0
    for batch in micro_batches(texts, 8):
        loss = summed_loss(model, batch)
        loss.backward()
        count = batch[:, 1:].numel()
        total, all_tokens, tokens, waiting = total + loss.item(), all_tokens + count, tokens + count, waiting + 1
        if waiting == MICRO:
            update(model, optimizer, tokens)
            waiting = tokens = 0
    if waiting:
        update(model, optimizer, tokens)
    return total / all_tokens


@torch.no_grad()
def evaluate(model, texts):
    model.eval()
    total = sum(summed_loss(model, batch).item() for batch in micro_batches(texts, 32))
    return total / sum(len(text) - 1 for text in texts)


torch.manual_seed(0)
generator = torch.Generator().manual_seed(1)
texts = [make_text(torch.randint(1, 9, (), generator=generator).item() * 6, generator) for _ in range(460)]
train_texts, test_texts = texts[:400], texts[400:]
model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(1, 16):
    loss = train_epoch(model, optimizer, train_texts)
    if epoch % 3 == 0:
        print(f"epoch {epoch}: loss per letter {loss:.4f}, test {evaluate(model, test_texts):.4f}")
