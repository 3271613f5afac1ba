# bug: nn.TransformerEncoderLayer without batch_first gets (batch, time, feature): samples attend to each other
# style: sequence classification, learned positions
# codes: LR514 LR709
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class SequenceClassifier(nn.Module):
    def __init__(self, tokens, length, classes, dim=24, heads=4, depth=2):
        super().__init__()
        self.token = nn.Embedding(tokens, dim)
        self.start = nn.Parameter(torch.randn(1, 1, dim) * 0.1)
        self.position = nn.Parameter(torch.randn(length + 1, dim) * 0.1)
        layer = nn.TransformerEncoderLayer(d_model=dim, nhead=heads, dim_feedforward=64, dropout=0.1)
        self.encoder = nn.TransformerEncoder(layer, num_layers=depth, enable_nested_tensor=False)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = torch.cat([self.start.expand(len(x), -1, -1), self.token(x)], dim=1)
        x = self.encoder(x + self.position)
        return self.head(x[:, 0])


def sequences(count, seed, tokens=8, length=9):
    """Are there more tokens from the lower half of the vocabulary than from the upper?"""
    g = torch.Generator().manual_seed(seed)
    x = torch.randint(tokens, (count, length), generator=g)
    return TensorDataset(x, ((x < tokens // 2).sum(dim=1) > length // 2).long())


def evaluate(model, loader):
    model.eval()
    hits = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (model(x).argmax(1) == y).sum().item()
    return hits / len(loader.dataset)


def main():
    torch.manual_seed(0)
    train_loader = DataLoader(sequences(2000, 1), batch_size=50, shuffle=True)
    test_loader = DataLoader(sequences(500, 2), batch_size=50)
    model = SequenceClassifier(tokens=8, length=9, classes=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(10):
        model.train()
        total = 0.0
        for x, y in train_loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        if epoch % 2 == 1:
            print(f"epoch {epoch + 1}: loss {total / 2000:.4f}, test accuracy {evaluate(model, test_loader):.3f}")


if __name__ == "__main__":
    main()
