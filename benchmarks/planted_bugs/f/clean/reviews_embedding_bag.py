# style: text classification tutorial: EmbeddingBag with offsets, BCEWithLogitsLoss over one score, collate function
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(8)
torch.manual_seed(8)

GOOD = ["great", "lovely", "sharp", "warm", "brilliant", "fun", "touching"]
BAD = ["dull", "boring", "flat", "awful", "tedious", "cheap", "clumsy"]
NEUTRAL = ["the", "film", "story", "actor", "scene", "music", "and", "with", "an", "ending", "plot", "very"]


def write_review():
    positive = random.random() < 0.5
    strong, weak = (GOOD, BAD) if positive else (BAD, GOOD)
    words = random.choices(strong, k=random.randint(2, 4)) + random.choices(weak, k=random.randint(0, 1))
    words += random.choices(NEUTRAL, k=random.randint(4, 12))
    random.shuffle(words)
    return " ".join(words), int(positive)


def tokenize(text):
    return text.lower().split()


train_reviews = [write_review() for _ in range(1000)]
test_reviews = [write_review() for _ in range(300)]
vocab = {"<unk>": 0}
for text, _ in train_reviews:
    for token in tokenize(text):
        vocab.setdefault(token, len(vocab))


def collate_batch(batch):
    labels, tokens, offsets = [], [], [0]
    for text, label in batch:
        ids = torch.tensor([vocab.get(token, 0) for token in tokenize(text)])
        labels.append(float(label))
        tokens.append(ids)
        offsets.append(len(ids))
    return torch.cat(tokens), torch.tensor(offsets[:-1]).cumsum(dim=0), torch.tensor(labels)


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim, mode="mean")
        self.fc = nn.Linear(embed_dim, 1)
        self.init_weights()

    def init_weights(self):
        self.embedding.weight.data.uniform_(-0.5, 0.5)
        self.fc.weight.data.uniform_(-0.5, 0.5)
        self.fc.bias.data.zero_()

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets)).squeeze(-1)


def train(dataloader):
    model.train()
    total_loss, total_count = 0.0, 0
    for text, offsets, label in dataloader:
        optimizer.zero_grad()
        score = model(text, offsets)
        loss = criterion(score, label)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total_loss += loss.item() * label.size(0)
        total_count += label.size(0)
    return total_loss / total_count


def evaluate(dataloader):
    model.eval()
    total_acc, total_count = 0, 0
    with torch.no_grad():
        for text, offsets, label in dataloader:
            total_acc += ((model(text, offsets) > 0) == (label == 1)).sum().item()
            total_count += label.size(0)
    return total_acc / total_count


train_dataloader = DataLoader(train_reviews, batch_size=32, shuffle=True, collate_fn=collate_batch)
test_dataloader = DataLoader(test_reviews, batch_size=32, collate_fn=collate_batch)
model = TextClassificationModel(len(vocab), 16)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)

for epoch in range(1, 7):
    loss = train(train_dataloader)
    scheduler.step()
    print(f"| end of epoch {epoch} | loss {loss:.4f} | test accuracy {evaluate(test_dataloader):.3f}")
