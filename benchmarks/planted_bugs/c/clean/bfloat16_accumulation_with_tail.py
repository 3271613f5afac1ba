# style: bfloat16 autocast, accumulation whose smaller last group is divided by its own size, clipping
import math

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.utils.data import DataLoader, TensorDataset

ACCUMULATE, EPOCHS = 4, 8


def group_size(index, batches):
    """Micro-batches in the group that a micro-batch belongs to."""
    first = index // ACCUMULATE * ACCUMULATE
    return min(ACCUMULATE, batches - first)


def train_epoch(model, loader, optimizer, scheduler):
    model.train()
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for i, (x, y) in enumerate(loader):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(model(x), y)
        (loss / group_size(i, len(loader))).backward()
        total += loss.item()
        if (i + 1) % ACCUMULATE == 0 or i + 1 == len(loader):
            clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad(set_to_none=True)
    return total / len(loader)


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        return (model(x).argmax(1) == y).sum().item() / len(y)


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
loader = DataLoader(TensorDataset(X[:1440], y[:1440]), batch_size=16, shuffle=True, drop_last=True)
model = nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.LayerNorm(64), nn.Linear(64, 10))
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
updates = EPOCHS * math.ceil(len(loader) / ACCUMULATE)
scheduler = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda step: min(1.0, (step + 1) / 10) * (1 - step / (updates + 1))
)
for epoch in range(EPOCHS):
    loss = train_epoch(model, loader, optimizer, scheduler)
    print(f"epoch {epoch}: loss {loss:.3f}, test accuracy {evaluate(model, X[1440:], y[1440:]):.3f}")
