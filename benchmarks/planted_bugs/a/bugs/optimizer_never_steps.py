# bug: optimizer.step() is missing
# style: LSTM classifier
# codes: LR303, LR704
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class SequenceClassifier(nn.Module):
    def __init__(self, vocab=20, dim=16, hidden=24):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 2)

    def forward(self, tokens):
        _, (h, _) = self.lstm(self.embed(tokens))
        return self.head(h[-1])


tokens = torch.randint(0, 20, (600, 12))
labels = (tokens.sum(1) > 114).long()
loader = DataLoader(TensorDataset(tokens, labels), batch_size=30, shuffle=True)
net = SequenceClassifier()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(5):
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        total += loss.item()
    print(f"epoch {epoch} loss {total / len(loader):.4f}")
