# style: text-line recognition tutorial: convolution over columns, bidirectional GRU, CTC loss with time first
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset

BLANK = 10


class Lines(Dataset):
    """Three to five handwritten digits side by side."""

    def __init__(self, images, labels, n, seed):
        g = torch.Generator().manual_seed(seed)
        self.items = []
        for _ in range(n):
            size = int(torch.randint(3, 6, (1,), generator=g))
            index = torch.randint(len(labels), (size,), generator=g)
            self.items.append((torch.cat(list(images[index]), dim=1), labels[index]))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    lines, targets = zip(*batch)
    width = max(line.size(1) for line in lines)
    padded = torch.stack([F.pad(line, (0, width - line.size(1))) for line in lines])
    columns = torch.tensor([line.size(1) // 2 for line in lines])
    lengths = torch.tensor([len(t) for t in targets])
    return padded.unsqueeze(1), columns, torch.cat(targets), lengths


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
        )
        self.rnn = nn.GRU(32 * 4, 32, bidirectional=True)
        self.out = nn.Linear(64, 11)

    def forward(self, x):
        x = self.conv(x)  # N, C, H, W
        x = x.permute(3, 0, 1, 2).flatten(2)  # W, N, C * H: time first
        x, _ = self.rnn(x)
        return F.log_softmax(self.out(x), dim=2)


def decode(log_probs, columns):
    best = log_probs.argmax(dim=2).t()
    texts = []
    for row, n in zip(best, columns.tolist()):
        collapsed = torch.unique_consecutive(row[:n])
        texts.append(collapsed[collapsed != BLANK].tolist())
    return texts


def accuracy(model, loader):
    model.eval()
    hits = 0
    with torch.no_grad():
        for lines, columns, targets, lengths in loader:
            expected = [t.tolist() for t in targets.split(lengths.tolist())]
            hits += sum(a == b for a, b in zip(decode(model(lines), columns), expected))
    return hits / len(loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32) / 16
    labels = torch.tensor(digits.target)
    train_set = Lines(images[:1400], labels[:1400], 800, seed=1)
    test_set = Lines(images[1400:], labels[1400:], 200, seed=2)
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(test_set, batch_size=100, collate_fn=collate)
    model = Reader()
    criterion = nn.CTCLoss(blank=BLANK, zero_infinity=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for epoch in range(12):
        model.train()
        total = 0.0
        for lines, columns, targets, lengths in train_loader:
            loss = criterion(model(lines), targets, columns, lengths)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            total += loss.item() * len(lengths)
        if epoch % 3 == 2:
            print(
                f"epoch {epoch}: loss {total / len(train_set):.4f}, whole lines right {accuracy(model, test_loader):.3f}"
            )
