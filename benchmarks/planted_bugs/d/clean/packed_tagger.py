# clean: padded batches, packed for the LSTM, padding ignored in the loss (-100) and in the accuracy
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

WORDS, TAGS, IGNORE = 30, 4, -100


class Sentences(Dataset):
    """A tag depends on the word and on its right neighbour, so that the LSTM has to read both ways."""

    def __init__(self, count, seed):
        generator = torch.Generator().manual_seed(seed)
        self.samples = []
        for _ in range(count):
            length = torch.randint(4, 16, (), generator=generator).item()
            words = torch.randint(1, WORDS, (length,), generator=generator)
            following = torch.cat([words[1:], torch.tensor([1])])
            self.samples.append((words, (words % 2) * 2 + (following > WORDS // 2)))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        return self.samples[i]


def collate(samples):
    words, tags = zip(*samples, strict=True)
    lengths = torch.tensor([len(w) for w in words])
    return pad_sequence(words, batch_first=True), pad_sequence(tags, batch_first=True, padding_value=IGNORE), lengths


class Tagger(nn.Module):
    def __init__(self, dim=16, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, TAGS)

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.embedding(words), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(states)


def evaluate(model, loader):
    model.eval()
    right = count = 0
    with torch.no_grad():
        for words, tags, lengths in loader:
            known = tags != IGNORE
            predicted = model(words, lengths).argmax(dim=-1)
            right += (predicted[known] == tags[known]).sum().item()
            count += known.sum().item()
    return right / count


if __name__ == "__main__":
    torch.manual_seed(0)
    train_loader = DataLoader(Sentences(1200, 1), batch_size=40, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(Sentences(300, 2), batch_size=100, collate_fn=collate)
    model = Tagger()
    criterion = nn.CrossEntropyLoss(ignore_index=IGNORE, reduction="sum")
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(1, 9):
        model.train()
        total = tokens = 0
        for words, tags, lengths in train_loader:
            summed = criterion(model(words, lengths).flatten(0, 1), tags.flatten())
            loss = summed / lengths.sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total, tokens = total + summed.item(), tokens + lengths.sum().item()
        if epoch % 2 == 0:
            print(
                f"epoch {epoch}: loss per word {total / tokens:.4f}, test accuracy {evaluate(model, test_loader):.3f}"
            )
