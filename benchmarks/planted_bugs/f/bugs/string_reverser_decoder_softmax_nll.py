# bug: the decoder ends in softmax, but the criterion is NLLLoss, which wants log-probabilities
# style: sequence-to-sequence tutorial with EncoderRNN/DecoderRNN and two optimizers, reversing digit strings
# codes: LR104
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim

random.seed(1)
torch.manual_seed(1)

SOS, EOS = 0, 1
SYMBOLS = 8
MAX_LEN = 6


class EncoderRNN(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(input_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size, batch_first=True)

    def forward(self, tokens):
        _, hidden = self.gru(self.embedding(tokens))
        return hidden


class DecoderRNN(nn.Module):
    def __init__(self, hidden_size, output_size):
        super().__init__()
        self.embedding = nn.Embedding(output_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, hidden, target=None):
        batch = hidden.size(1)
        token = torch.full((batch, 1), SOS, dtype=torch.long)
        outputs = []
        for i in range(MAX_LEN):
            output, hidden = self.gru(F.relu(self.embedding(token)), hidden)
            output = F.softmax(self.out(output), dim=-1)
            outputs.append(output)
            token = target[:, i : i + 1] if target is not None else output.argmax(-1)
        return torch.cat(outputs, dim=1)


def make_pair():
    length = MAX_LEN - 1
    source = [random.randrange(2, 2 + SYMBOLS) for _ in range(length)]
    return source + [EOS], source[::-1] + [EOS]


def make_batches(n, batch_size):
    pairs = [make_pair() for _ in range(n)]
    source, target = (torch.tensor(side) for side in zip(*pairs))
    return list(zip(source.split(batch_size), target.split(batch_size)))


def train_epoch(batches, encoder, decoder, encoder_optimizer, decoder_optimizer, criterion):
    total_loss = 0
    random.shuffle(batches)
    for input_tensor, target_tensor in batches:
        encoder_optimizer.zero_grad()
        decoder_optimizer.zero_grad()
        decoder_outputs = decoder(encoder(input_tensor), target_tensor)
        loss = criterion(decoder_outputs.view(-1, decoder_outputs.size(-1)), target_tensor.view(-1))
        loss.backward()
        encoder_optimizer.step()
        decoder_optimizer.step()
        total_loss += loss.item()
    return total_loss / len(batches)


@torch.no_grad()
def exact_matches(batches, encoder, decoder):
    hits = [(decoder(encoder(s)).argmax(-1) == t).all(1).float() for s, t in batches]
    return torch.cat(hits).mean().item()


hidden_size = 48
encoder = EncoderRNN(2 + SYMBOLS, hidden_size)
decoder = DecoderRNN(hidden_size, 2 + SYMBOLS)
encoder_optimizer = optim.Adam(encoder.parameters(), lr=0.004)
decoder_optimizer = optim.Adam(decoder.parameters(), lr=0.004)
criterion = nn.NLLLoss()
train_batches, test_batches = make_batches(1024, 64), make_batches(256, 64)
start = time.time()
for epoch in range(1, 13):
    loss = train_epoch(train_batches, encoder, decoder, encoder_optimizer, decoder_optimizer, criterion)
    if epoch % 3 == 0:
        matches = exact_matches(test_batches, encoder, decoder)
        print(f"{time.time() - start:.0f}s ({epoch}) loss {loss:.4f}, reversed without a mistake {matches:.3f}")
