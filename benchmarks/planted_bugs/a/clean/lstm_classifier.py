# style: LSTM, packed sequences
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(0)
generator = torch.Generator().manual_seed(0)
sequences = []
for _ in range(900):
    length = int(torch.randint(4, 13, (1,), generator=generator))
    tokens = torch.randint(1, 12, (length,), generator=generator)
    sequences.append((tokens, int((tokens == 3).any())))


def collate(batch):
    tokens, labels = zip(*batch)
    lengths = torch.tensor([len(t) for t in tokens])
    return pad_sequence(tokens, batch_first=True), lengths, torch.tensor(labels)


class Finder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(12, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 32, batch_first=True)
        self.classifier = nn.Linear(32, 2)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = self.lstm(packed)
        return self.classifier(hidden[-1])


train = DataLoader(sequences[:700], batch_size=50, shuffle=True, collate_fn=collate)
test = DataLoader(sequences[700:], batch_size=50, collate_fn=collate)
model = Finder()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    for tokens, lengths, labels in train:
        optimizer.zero_grad()
        loss = criterion(model(tokens, lengths), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()
    correct = 0
    with torch.no_grad():
        for tokens, lengths, labels in test:
            correct += (model(tokens, lengths).argmax(dim=1) == labels).sum().item()
    print(f"epoch {epoch}: accuracy {correct / 200:.3f}")
