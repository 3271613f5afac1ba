# clean: encoder-decoder with teacher forcing on padded sequences; padding is ignored, losses are averaged over tokens
# style: seq2seq tutorial: Encoder, Decoder, Seq2Seq classes, exact-match accuracy by greedy decoding
# tempts: LR121/LR204 (ignore_index, sums over tokens), LR203 (counts of tokens and sentences), LR214
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

PAD, BOS, EOS = 0, 1, 2
VOCAB = 13
MAX_LEN = 7


def make_pairs(n, seed):
    """The translation of a sentence is its reversal with every word replaced by a fixed partner."""
    g = torch.Generator().manual_seed(seed)
    pairs = []
    for _ in range(n):
        length = int(torch.randint(3, MAX_LEN, (), generator=g))
        source = torch.randint(3, VOCAB, (length,), generator=g)
        pairs.append((source, (source.flip(0) - 3 + 4) % (VOCAB - 3) + 3))
    return pairs


def collate(batch):
    sources, targets = zip(*batch)
    lengths = torch.tensor([len(s) for s in sources])
    eos, bos = torch.tensor([EOS]), torch.tensor([BOS])
    decoder_in = pad_sequence([torch.cat([bos, t]) for t in targets], batch_first=True, padding_value=PAD)
    decoder_out = pad_sequence([torch.cat([t, eos]) for t in targets], batch_first=True, padding_value=PAD)
    return pad_sequence(sources, batch_first=True, padding_value=PAD), lengths, decoder_in, decoder_out


class Encoder(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, dim, padding_idx=PAD)
        self.gru = nn.GRU(dim, dim, batch_first=True)

    def forward(self, source, lengths):
        packed = pack_padded_sequence(self.embedding(source), lengths, batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1]


class Decoder(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, dim, padding_idx=PAD)
        self.gru = nn.GRU(dim, dim, batch_first=True)
        self.out = nn.Linear(dim, VOCAB)

    def forward(self, tokens, state):
        output, state = self.gru(self.embedding(tokens), state)
        return self.out(output), state


class Seq2Seq(nn.Module):
    def __init__(self, dim=96):
        super().__init__()
        self.encoder, self.decoder = Encoder(dim), Decoder(dim)

    def forward(self, source, lengths, decoder_in):
        return self.decoder(decoder_in, self.encoder(source, lengths))[0]

    @torch.no_grad()
    def translate(self, source, lengths, steps):
        state = self.encoder(source, lengths)
        token = torch.full((len(source), 1), BOS)
        words = []
        for _ in range(steps):
            logits, state = self.decoder(token, state)
            token = logits.argmax(dim=-1)
            words.append(token)
        return torch.cat(words, dim=1)


def exact_matches(model, loader):
    model.eval()
    hits, n = 0, 0
    for source, lengths, _, wanted in loader:
        guess = model.translate(source, lengths, wanted.size(1))
        hits += ((guess == wanted) | (wanted == PAD)).all(dim=1).sum().item()
        n += len(source)
    return hits / n


def main():
    torch.manual_seed(0)
    train_loader = DataLoader(make_pairs(3000, 0), batch_size=40, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(make_pairs(300, 1), batch_size=100, collate_fn=collate)
    model = Seq2Seq()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
    for epoch in range(10):
        model.train()
        total, tokens = 0.0, 0
        for source, lengths, decoder_in, decoder_out in train_loader:
            logits = model(source, lengths, decoder_in)
            loss = F.cross_entropy(logits.transpose(1, 2), decoder_out, ignore_index=PAD)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            count = (decoder_out != PAD).sum().item()
            total += loss.item() * count
            tokens += count
        scheduler.step()
        print(
            f"epoch {epoch + 1}: loss per token {total / tokens:.4f}, exact matches {exact_matches(model, test_loader):.3f}"
        )


if __name__ == "__main__":
    main()
