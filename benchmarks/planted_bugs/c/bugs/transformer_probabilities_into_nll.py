# bug: NLLLoss gets probabilities, so the loss is -p of the right class and never -log p
# style: transformer encoder over image rows, dataclass for the settings
# codes: LR104
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


@dataclass
class Settings:
    width: int = 32
    heads: int = 4
    depth: int = 2
    batch: int = 64
    epochs: int = 5
    rate: float = 2e-3


class RowTransformer(nn.Module):
    """Reads the eight rows of a digit as eight tokens."""

    def __init__(self, s: Settings):
        super().__init__()
        self.embed = nn.Linear(8, s.width)
        self.position = nn.Parameter(torch.randn(1, 8, s.width) * 0.02)
        layer = nn.TransformerEncoderLayer(s.width, s.heads, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, s.depth)
        self.classify = nn.Linear(s.width, 10)

    def forward(self, rows):
        tokens = self.encoder(self.embed(rows) + self.position)
        return torch.softmax(self.classify(tokens.mean(1)), dim=1)


def accuracy(model, loader):
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return hits / len(loader.dataset)


def main(s: Settings):
    torch.manual_seed(0)
    digits = load_digits()
    data = TensorDataset(torch.tensor(digits.images, dtype=torch.float32) / 16, torch.tensor(digits.target))
    train, valid = random_split(data, [1437, 360])
    train_loader = DataLoader(train, s.batch, shuffle=True)
    valid_loader = DataLoader(valid, 120)
    model = RowTransformer(s)
    criterion = nn.NLLLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=s.rate)
    for epoch in range(s.epochs):
        model.train()
        total = 0.0
        for x, y in train_loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        print(f"epoch {epoch}: loss {total / len(train):.3f}, validation accuracy {accuracy(model, valid_loader):.3f}")


if __name__ == "__main__":
    main(Settings())
