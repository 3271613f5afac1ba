# bug: NLLLoss is fed with the raw scores of the last linear layer (no log_softmax): the loss falls below zero
# style: text classification tutorial, EmbeddingBag with offsets, train()/evaluate() functions
# codes: LR104 LR127
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

TOPICS = ("world", "sports", "business", "science")
VOCAB = 400
EMBED = 32


def make_corpus(n, seed):
    rng = random.Random(seed)
    corpus = []
    for _ in range(n):
        label = rng.randrange(len(TOPICS))
        length = rng.randint(8, 25)
        words = []
        for _ in range(length):
            if rng.random() < 0.25:
                words.append(label * 60 + rng.randrange(60))
            else:
                words.append(rng.randrange(VOCAB))
        corpus.append((label, words))
    return corpus


def collate_batch(batch):
    labels, texts, offsets = [], [], [0]
    for label, words in batch:
        labels.append(label)
        texts.extend(words)
        offsets.append(offsets[-1] + len(words))
    return torch.tensor(labels), torch.tensor(texts), torch.tensor(offsets[:-1])


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim)
        self.fc = nn.Linear(embed_dim, num_class)
        self.init_weights()

    def init_weights(self):
        self.embedding.weight.data.uniform_(-0.5, 0.5)
        self.fc.weight.data.uniform_(-0.5, 0.5)
        self.fc.bias.data.zero_()

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


def train(dataloader, model, criterion, optimizer):
    model.train()
    total_loss, total_count = 0.0, 0
    for labels, text, offsets in dataloader:
        optimizer.zero_grad()
        loss = criterion(model(text, offsets), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        total_loss += loss.item() * labels.size(0)
        total_count += labels.size(0)
    return total_loss / total_count


def evaluate(dataloader, model):
    model.eval()
    total_acc, total_count = 0, 0
    with torch.no_grad():
        for labels, text, offsets in dataloader:
            total_acc += (model(text, offsets).argmax(1) == labels).sum().item()
            total_count += labels.size(0)
    return total_acc / total_count


if __name__ == "__main__":
    torch.manual_seed(1)
    train_loader = DataLoader(make_corpus(1600, 0), batch_size=32, shuffle=True, collate_fn=collate_batch)
    valid_loader = DataLoader(make_corpus(400, 1), batch_size=64, collate_fn=collate_batch)
    model = TextClassificationModel(VOCAB, EMBED, len(TOPICS))
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=5.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4, gamma=0.5)
    for epoch in range(1, 11):
        loss = train(train_loader, model, criterion, optimizer)
        accuracy = evaluate(valid_loader, model)
        scheduler.step()
        print(f"| epoch {epoch:2d} | loss {loss:9.3f} | valid accuracy {accuracy:.3f}")
