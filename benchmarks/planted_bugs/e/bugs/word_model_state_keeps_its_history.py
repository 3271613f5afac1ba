# bug: the hidden state is passed from batch to batch without detach, retain_graph=True hides it: every backward goes through all earlier batches
# style: after PyTorch's word_language_model example: batchify, get_batch, p.data.add_ updates with clipping
# codes: LR328 LR308
import math
import time

import torch
import torch.nn as nn

NTOKEN = 20
EMSIZE = 16
NHID = 24
BPTT = 8
BATCH_SIZE = 10
CLIP = 0.25
EPOCHS = 2


def corpus(length, seed):
    g = torch.Generator().manual_seed(seed)
    tokens, state = [], 0
    for _ in range(length):
        jump = torch.rand((), generator=g).item()
        state = (state * 3 + 1) % NTOKEN if jump < 0.8 else int(torch.randint(NTOKEN, (), generator=g))
        tokens.append(state)
    return torch.tensor(tokens)


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    data = data.narrow(0, 0, nbatch * bsz)
    return data.view(bsz, -1).t().contiguous()


def get_batch(source, i):
    seq_len = min(BPTT, len(source) - 1 - i)
    return source[i : i + seq_len], source[i + 1 : i + 1 + seq_len].reshape(-1)


class RNNModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(NTOKEN, EMSIZE)
        self.rnn = nn.GRU(EMSIZE, NHID)
        self.decoder = nn.Linear(NHID, NTOKEN)

    def forward(self, tokens, hidden):
        output, hidden = self.rnn(self.encoder(tokens), hidden)
        return self.decoder(output).view(-1, NTOKEN), hidden

    def init_hidden(self, bsz):
        return torch.zeros(1, bsz, NHID)


def evaluate(model, source, criterion):
    model.eval()
    total_loss = 0.0
    hidden = model.init_hidden(BATCH_SIZE)
    with torch.no_grad():
        for i in range(0, source.size(0) - 1, BPTT):
            data, targets = get_batch(source, i)
            output, hidden = model(data, hidden)
            total_loss += len(data) * criterion(output, targets).item()
    return total_loss / (len(source) - 1)


def train(model, source, criterion, lr):
    model.train()
    total_loss, start_time = 0.0, time.time()
    hidden = model.init_hidden(BATCH_SIZE)
    for batch, i in enumerate(range(0, source.size(0) - 1, BPTT)):
        data, targets = get_batch(source, i)
        model.zero_grad()
        output, hidden = model(data, hidden)
        loss = criterion(output, targets)
        loss.backward(retain_graph=True)
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-lr)
        total_loss += loss.item()
        if batch % 25 == 24:
            elapsed = time.time() - start_time
            print(f"| {batch + 1:4d} batches | ms/batch {elapsed * 1000 / 25:6.2f} | loss {total_loss / 25:5.2f}")
            total_loss, start_time = 0.0, time.time()


torch.manual_seed(1111)
train_data = batchify(corpus(8000, 0), BATCH_SIZE)
val_data = batchify(corpus(2000, 1), BATCH_SIZE)
model = RNNModel()
criterion = nn.CrossEntropyLoss()
for epoch in range(1, EPOCHS + 1):
    train(model, train_data, criterion, lr=5.0)
    val_loss = evaluate(model, val_data, criterion)
    print(f"| end of epoch {epoch} | valid loss {val_loss:5.2f} | valid ppl {math.exp(val_loss):8.2f}")
