# bug: cross entropy over padded sequences without ignore_index: the padding is learnt and dominates the loss
# style: part-of-speech-like tagger, pad_sequence in the collate function
# codes: LR121
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

PAD, WORDS, TAGS = 0, 40, 5


class Sentences(Dataset):
    """The tag of a word depends on the word and on the one before; most sentences are short, a few long."""

    def __init__(self, count, seed):
        g = torch.Generator().manual_seed(seed)
        self.items = []
        for _ in range(count):
            length = 60 if torch.rand((), generator=g) < 0.1 else torch.randint(3, 7, (), generator=g).item()
            words = torch.randint(1, WORDS, (length,), generator=g)
            before = torch.cat([torch.tensor([1]), words[:-1]])
            self.items.append((words, 1 + (words + 2 * (before > WORDS // 2).long()) % (TAGS - 1)))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    words, tags = zip(*batch, strict=True)
    return pad_sequence(words, batch_first=True, padding_value=PAD), pad_sequence(
        tags, batch_first=True, padding_value=PAD
    )


class Tagger(nn.Module):
    def __init__(self, dim=16, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, dim, padding_idx=PAD)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.out = nn.Linear(hidden, TAGS)

    def forward(self, words):
        states, _ = self.gru(self.embedding(words))
        return self.out(states)


torch.manual_seed(0)
train_loader = DataLoader(Sentences(1000, 1), batch_size=40, shuffle=True, collate_fn=collate)
test_loader = DataLoader(Sentences(300, 2), batch_size=50, collate_fn=collate)
model = Tagger()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    total = 0.0
    for words, tags in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(words).transpose(1, 2), tags)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    hits = real_hits = count = real = 0
    with torch.no_grad():
        for words, tags in test_loader:
            right = model(words).argmax(dim=2) == tags
            hits, count = hits + right.sum().item(), count + tags.numel()
            real_hits, real = real_hits + right[words != PAD].sum().item(), real + (words != PAD).sum().item()
    print(
        f"epoch {epoch + 1}: loss {total / len(train_loader):.4f}, accuracy {hits / count:.3f}, on words {real_hits / real:.3f}"
    )
