# bug: 23 batches per epoch, a step after every 12th, and zero_grad at the start of the epoch: 11 batches are lost each time
# style: gradient accumulation, dataclass configuration
# codes: LR325
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


@dataclass(frozen=True)
class Config:
    micro_batch: int = 60
    accumulate: int = 12
    epochs: int = 30
    lr: float = 5e-3
    seed: int = 0


def make_model() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def train_epoch(model, loader, optimizer, config: Config) -> float:
    model.train()
    optimizer.zero_grad()
    total = 0.0
    for number, (x, y) in enumerate(loader, start=1):
        loss = nn.functional.cross_entropy(model(x), y)
        (loss / config.accumulate).backward()
        if number % config.accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


@torch.no_grad()
def accuracy(model, loader) -> float:
    model.eval()
    hits = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return hits / len(loader.dataset)


def main(config: Config) -> None:
    torch.manual_seed(config.seed)
    digits = load_digits()
    data = TensorDataset(torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target))
    train_set, test_set = random_split(data, [1380, 417])
    loader = DataLoader(train_set, batch_size=config.micro_batch, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=417)
    model = make_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)
    print(f"{len(loader)} batches per epoch")
    for epoch in range(1, config.epochs + 1):
        loss = train_epoch(model, loader, optimizer, config)
        if epoch % 5 == 0:
            print(f"epoch {epoch}: loss {loss:.4f}, test accuracy {accuracy(model, test_loader):.3f}")


if __name__ == "__main__":
    main(Config())
