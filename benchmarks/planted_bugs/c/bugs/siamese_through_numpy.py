# bug: the pair features are made in numpy, so only the head learns and the encoder keeps its random weights
# style: siamese network, pairs drawn by hand, logging
# codes: LR112 LR306 LR704
import logging

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("siamese")
torch.manual_seed(0)
rng = np.random.default_rng(0)
pixels, labels = load_digits(return_X_y=True)
pixels = (pixels / 16).astype(np.float32)
limit = 1400


def draw_pairs(count, low, high):
    """Half of the pairs show the same digit."""
    first = rng.integers(low, high, count)
    second = rng.integers(low, high, count)
    for k in range(0, count, 2):
        second[k] = rng.choice(np.flatnonzero(labels[low:high] == labels[first[k]])) + low
    same = (labels[first] == labels[second]).astype(np.float32)
    return torch.from_numpy(pixels[first]), torch.from_numpy(pixels[second]), torch.from_numpy(same)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
        self.head = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

    def embed(self, image):
        return self.encoder(image).detach().numpy()

    def forward(self, left, right):
        difference = np.abs(self.embed(left) - self.embed(right))
        return self.head(torch.from_numpy(difference)).squeeze(1)


model = Siamese()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
smooth = None
for step in range(1, 401):
    model.train()
    left, right, same = draw_pairs(64, 0, limit)
    optimizer.zero_grad()
    loss = criterion(model(left, right), same)
    loss.backward()
    optimizer.step()
    smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
    if step % 100 == 0:
        model.eval()
        left, right, same = draw_pairs(512, limit, len(labels))
        with torch.no_grad():
            hits = ((model(left, right) > 0) == (same > 0.5)).sum().item()
        log.info("step %d: loss %.3f, pairs right %.3f", step, smooth, hits / 512)
