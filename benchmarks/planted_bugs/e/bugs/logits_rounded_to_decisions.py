# bug: the decisions are torch.round(logits) instead of round(sigmoid(logits)): confident positives become 2, 3, ... and count as wrong
# style: "binary_acc" function copied from a sentiment tutorial, LSTM over generated reviews
# codes: LR209
import torch
import torch.nn as nn
import torch.optim as optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

VOCAB_SIZE = 200
PAD_IDX = 0


def make_reviews(n, generator):
    reviews = []
    for _ in range(n):
        label = torch.randint(2, (1,), generator=generator).item()
        length = torch.randint(6, 18, (1,), generator=generator).item()
        words = torch.randint(41, VOCAB_SIZE, (length,), generator=generator)
        opinion = torch.rand(length, generator=generator) < 0.3
        words[opinion] = 1 + 20 * label + torch.randint(20, (int(opinion.sum()),), generator=generator)
        reviews.append((words, label))
    return reviews


def collate(batch):
    batch = sorted(batch, key=lambda item: len(item[0]), reverse=True)
    texts, labels = zip(*batch)
    lengths = torch.tensor([len(t) for t in texts])
    return pad_sequence(texts, padding_value=PAD_IDX, batch_first=True), lengths, torch.tensor(labels).float()


class SentimentLSTM(nn.Module):
    def __init__(self, vocab_size, embedding_dim, hidden_dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=PAD_IDX)
        self.rnn = nn.LSTM(embedding_dim, hidden_dim, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(hidden_dim * 2, 1)
        self.dropout = nn.Dropout(0.3)

    def forward(self, text, lengths):
        embedded = self.dropout(self.embedding(text))
        packed = pack_padded_sequence(embedded, lengths, batch_first=True)
        _, (hidden, _) = self.rnn(packed)
        hidden = self.dropout(torch.cat((hidden[-2], hidden[-1]), dim=1))
        return self.fc(hidden).squeeze(1)


def binary_acc(preds, y):
    rounded_preds = torch.round(preds)
    correct = (rounded_preds == y).float()
    return correct.sum().item(), len(correct)


def run_epoch(model, iterator, criterion, optimizer=None):
    model.train(optimizer is not None)
    epoch_loss, hits, total = 0.0, 0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for text, lengths, labels in iterator:
            predictions = model(text, lengths)
            loss = criterion(predictions, labels)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            batch_hits, batch_total = binary_acc(predictions, labels)
            epoch_loss += loss.item() * batch_total
            hits += batch_hits
            total += batch_total
    return epoch_loss / total, hits / total


torch.manual_seed(1234)
g = torch.Generator().manual_seed(1234)
train_iterator = DataLoader(make_reviews(1200, g), batch_size=32, shuffle=True, collate_fn=collate)
valid_iterator = DataLoader(make_reviews(400, g), batch_size=64, collate_fn=collate)
model = SentimentLSTM(VOCAB_SIZE, 32, 32)
optimizer = optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(8):
    train_loss, train_acc = run_epoch(model, train_iterator, criterion, optimizer)
    valid_loss, valid_acc = run_epoch(model, valid_iterator, criterion)
    print(
        f"Epoch: {epoch + 1:02} | Train Loss: {train_loss:.3f} | Train Acc: {train_acc * 100:.2f}% | "
        f"Val. Loss: {valid_loss:.3f} | Val. Acc: {valid_acc * 100:.2f}%"
    )
