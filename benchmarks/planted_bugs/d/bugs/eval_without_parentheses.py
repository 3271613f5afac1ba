# bug: model.eval without parentheses: the validation runs with dropout
# style: text classification with an embedding bag on synthetic sentences
# codes: LR317 LR205
import random

import torch
from torch import nn

TOPICS = {
    "sport": ["goal", "team", "match", "coach", "player", "win", "season", "ball"],
    "food": ["salt", "oven", "butter", "recipe", "cook", "taste", "sugar", "plate"],
    "space": ["orbit", "rocket", "moon", "star", "planet", "launch", "crew", "mission"],
}
COMMON = ["the", "a", "of", "and", "to", "in", "is", "it", "was", "for", "on", "with", "as", "at", "by"]
VOCABULARY = {word: i for i, word in enumerate(sorted(set(COMMON).union(*TOPICS.values())))}


def sentence(topic):
    length = random.randint(6, 12)
    words = [random.choice(TOPICS[topic]) if random.random() < 0.2 else random.choice(COMMON) for _ in range(length)]
    words.append(random.choice(TOPICS[topic]))
    return [VOCABULARY[word] for word in words]


def collate(batch):
    tokens = torch.tensor([token for sentence_, _ in batch for token in sentence_])
    offsets = torch.tensor([0] + [len(sentence_) for sentence_, _ in batch[:-1]]).cumsum(0)
    return tokens, offsets, torch.tensor([label for _, label in batch])


class TopicNet(nn.Module):
    def __init__(self, words, topics):
        super().__init__()
        self.bag = nn.EmbeddingBag(words, 24, mode="mean")
        self.drop = nn.Dropout(0.6)
        self.out = nn.Linear(24, topics)

    def forward(self, tokens, offsets):
        return self.out(self.drop(self.bag(tokens, offsets)))


random.seed(0)
torch.manual_seed(0)
names = list(TOPICS)
data = [(sentence(names[i % 3]), i % 3) for i in range(1500)]
random.shuffle(data)
train, validation = data[:1200], data[1200:]
model = TopicNet(len(VOCABULARY), len(names))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

for epoch in range(8):
    model.train()
    random.shuffle(train)
    for start in range(0, len(train), 50):
        tokens, offsets, labels = collate(train[start : start + 50])
        optimizer.zero_grad()
        loss = criterion(model(tokens, offsets), labels)
        loss.backward()
        optimizer.step()

    model.eval
    with torch.no_grad():
        tokens, offsets, labels = collate(validation)
        scores = model(tokens, offsets)
        accuracy = (scores.argmax(1) == labels).float().mean().item()
        print(f"epoch {epoch}: validation loss {criterion(scores, labels).item():.4f}, accuracy {accuracy:.3f}")
