# clean: siamese network, one encoder used twice per step, hand-written contrastive loss with margin; zero for well separated pairs
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, IterableDataset


class Pairs(IterableDataset):
    """Endless pairs, half of them of the same digit."""

    def __init__(self, images, labels, seed):
        self.images, self.labels = images, labels
        self.rows = [np.flatnonzero(labels == c) for c in range(10)]
        self.rng = np.random.default_rng(seed)

    def __iter__(self):
        while True:
            first, second = self.rng.integers(10, size=2)
            if self.rng.random() < 0.5:
                second = first
            left, right = self.rng.choice(self.rows[first]), self.rng.choice(self.rows[second])
            yield self.images[left], self.images[right], np.float32(first == second)


class Encoder(nn.Module):
    def __init__(self, size=4):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.out = nn.Linear(108, size)

    def forward(self, x):
        return self.out(self.conv(x))


def contrastive_loss(a, b, same, margin=1.0):
    distance = (a - b).pow(2).sum(dim=1).add(1e-8).sqrt()
    attract = same * distance.pow(2)
    repel = (1 - same) * torch.relu(margin - distance).pow(2)
    return (attract + repel).mean()


def nearest(encoder, known, labels, unknown):
    encoder.eval()
    with torch.no_grad():
        distance = torch.cdist(encoder(unknown), encoder(known))
    encoder.train()
    return labels[distance.argmin(dim=1).numpy()]


def main():
    torch.manual_seed(0)
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    images = (digits.images[order, None] / 16).astype(np.float32)
    labels = digits.target[order]
    loader = DataLoader(Pairs(images[:1300], labels[:1300], seed=1), batch_size=64)
    encoder = Encoder()
    optimizer = torch.optim.Adam(encoder.parameters(), lr=3e-3)
    running = 0.0
    encoder.train()
    for step, (left, right, same) in enumerate(loader, start=1):
        loss = contrastive_loss(encoder(left), encoder(right), same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
        if step % 150 == 0:
            found = nearest(encoder, torch.from_numpy(images[:1300]), labels[:1300], torch.from_numpy(images[1300:]))
            print(f"step {step}: loss {running / 150:.4f}, 1-NN accuracy {(found == labels[1300:]).mean():.3f}")
            running = 0.0
        if step == 600:
            break


if __name__ == "__main__":
    main()
