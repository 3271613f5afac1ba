# bug: the perplexity is averaged over batches instead of taken from the average loss
# style: character language model with a GRU, synthetic grammar
# codes: LR222 LR204
import math

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

LETTERS = "abcdefgh."


def babble(length, seed):
    """Text whose next letter depends on the last two, with passages that are pure noise."""
    g = torch.Generator().manual_seed(seed)
    table = torch.randint(len(LETTERS), (len(LETTERS), len(LETTERS)), generator=torch.Generator().manual_seed(99))
    text = [0, 1]
    noisy = False
    for i in range(length):
        if i % 500 == 0:
            noisy = torch.rand((), generator=g).item() < 0.4
        chance = torch.rand((), generator=g).item()
        text.append(
            torch.randint(len(LETTERS), (1,), generator=g).item()
            if noisy or chance < 0.05
            else table[text[-2], text[-1]].item()
        )
    return torch.tensor(text)


class Windows(Dataset):
    def __init__(self, text, length=25):
        self.text, self.length = text, length

    def __len__(self):
        return (len(self.text) - 1) // self.length

    def __getitem__(self, i):
        start = i * self.length
        return self.text[start : start + self.length], self.text[start + 1 : start + self.length + 1]


class CharModel(nn.Module):
    def __init__(self, letters, hidden=48):
        super().__init__()
        self.embed = nn.Embedding(letters, 16)
        self.gru = nn.GRU(16, hidden, batch_first=True)
        self.out = nn.Linear(hidden, letters)

    def forward(self, x):
        return self.out(self.gru(self.embed(x))[0])


torch.manual_seed(0)
train = DataLoader(Windows(babble(12_000, 1)), batch_size=32, shuffle=True)
validation = DataLoader(Windows(babble(5_000, 2)), batch_size=8)
model = CharModel(len(LETTERS))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(6):
    model.train()
    for x, y in train:
        optimizer.zero_grad()
        loss = criterion(model(x).flatten(0, 1), y.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()
    perplexity = 0.0
    with torch.no_grad():
        for x, y in validation:
            loss = criterion(model(x).flatten(0, 1), y.flatten())
            perplexity += math.exp(loss.item())
    print(f"epoch {epoch}: validation perplexity {perplexity / len(validation):.3f}")
