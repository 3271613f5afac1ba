# bug: gradients are clipped while they still carry the scale of the GradScaler: after unscaling next to nothing is left
# style: word-level language model, LSTM, autocast with GradScaler, SGD with clipping
# codes: LR311 LR312
import math

import torch
from torch import nn

VOCAB = 50
EMB = 32
HID = 64
BPTT = 20
BATCH = 16
CLIP = 0.5
EPOCHS = 5


def generate_stream(length, seed):
    """A Markov chain in which every word has three likely successors."""
    g = torch.Generator().manual_seed(0)
    successors = torch.randint(VOCAB, (VOCAB, 3), generator=g)
    g.manual_seed(seed)
    words = [0]
    for _ in range(length - 1):
        if torch.rand((), generator=g) < 0.1:
            words.append(int(torch.randint(VOCAB, (), generator=g)))
        else:
            words.append(int(successors[words[-1], torch.randint(3, (), generator=g)]))
    return torch.tensor(words)


def batchify(stream, batch_size):
    steps = len(stream) // batch_size
    return stream[: steps * batch_size].view(batch_size, steps)


class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(VOCAB, EMB)
        self.rnn = nn.LSTM(EMB, HID, batch_first=True)
        self.decoder = nn.Linear(HID, VOCAB)

    def forward(self, words):
        output, _ = self.rnn(self.encoder(words))
        return self.decoder(output)


def iterate(data):
    for start in range(0, data.size(1) - 1, BPTT):
        length = min(BPTT, data.size(1) - 1 - start)
        yield data[:, start : start + length], data[:, start + 1 : start + 1 + length]


def evaluate(model, data, criterion):
    model.eval()
    total, words = 0.0, 0
    with torch.no_grad():
        for source, target in iterate(data):
            logits = model(source)
            total += criterion(logits.reshape(-1, VOCAB), target.reshape(-1)).item() * target.numel()
            words += target.numel()
    return total / words


torch.manual_seed(1111)
train_data = batchify(generate_stream(12800, seed=1), BATCH)
val_data = batchify(generate_stream(3200, seed=2), BATCH)
model = LanguageModel()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)
scaler = torch.amp.GradScaler("cpu")

for epoch in range(1, EPOCHS + 1):
    model.train()
    total_loss, batches = 0.0, 0
    for source, target in iterate(train_data):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(source)
            loss = criterion(logits.reshape(-1, VOCAB).float(), target.reshape(-1))
        scaler.scale(loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        scaler.step(optimizer)
        scaler.update()
        total_loss += loss.item()
        batches += 1
    val_loss = evaluate(model, val_data, criterion)
    print(
        f"| end of epoch {epoch} | train loss {total_loss / batches:.3f} "
        f"| valid loss {val_loss:.3f} | valid ppl {math.exp(val_loss):7.2f}"
    )
