# bug: the vocabulary is built of lower-case words, but looked up with upper-case text: every word is <unk>
# style: text classification tutorial: build_vocab, collate function with padding, EmbeddingBag-free mean pooling
# codes: LR711 LR706 LR705
import random
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(3)
torch.manual_seed(3)

PAD, UNK = "<pad>", "<unk>"
TOPICS = {
    0: "MATCH GOAL TEAM COACH SCORE LEAGUE PLAYER",
    1: "MARKET STOCK PRICE BANK PROFIT SHARES TRADE",
    2: "ROCKET ORBIT PLANET ENGINE LAUNCH MOON PROBE",
}
FILLER = "THE OF AND A IN TO THIS YEAR AFTER NEW WITH SAID".split()


def write_headline(topic):
    own = random.sample(TOPICS[topic].split(), k=random.randint(2, 3))
    rest = random.choices(FILLER, k=random.randint(3, 8))
    words = own + rest
    random.shuffle(words)
    return " ".join(words)


def make_corpus(n):
    topics = [random.randrange(3) for _ in range(n)]
    return [(write_headline(topic), topic) for topic in topics]


def build_vocab(corpus, min_freq=2):
    counter = Counter()
    for text, _ in corpus:
        counter.update(text.lower().split())
    words = [PAD, UNK] + sorted(w for w, c in counter.items() if c >= min_freq)
    return {word: index for index, word in enumerate(words)}


train_data, valid_data = make_corpus(900), make_corpus(300)
vocab = build_vocab(train_data)


def numericalize(text):
    return torch.tensor([vocab.get(token, vocab[UNK]) for token in text.split()])


def collate(batch):
    texts, labels = zip(*batch)
    return pad_sequence([numericalize(t) for t in texts], batch_first=True), torch.tensor(labels)


class NewsNet(nn.Module):
    def __init__(self, vocab_size, embed_dim=24, num_class=3):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.fc = nn.Sequential(nn.Linear(embed_dim, 24), nn.ReLU(), nn.Linear(24, num_class))

    def forward(self, tokens):
        mask = (tokens != 0).unsqueeze(-1).float()
        pooled = (self.embedding(tokens) * mask).sum(1) / mask.sum(1)
        return self.fc(pooled)


def evaluate(model, loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for tokens, labels in loader:
            correct += (model(tokens).argmax(1) == labels).sum().item()
    return correct / len(loader.dataset)


train_loader = DataLoader(train_data, batch_size=32, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(valid_data, batch_size=64, collate_fn=collate)
model = NewsNet(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(1, 9):
    model.train()
    total = 0.0
    for tokens, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(tokens), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    print(f"| epoch {epoch} | loss {total / len(train_data):.4f} | accuracy {evaluate(model, valid_loader):.3f}")
