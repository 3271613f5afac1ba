# clean: an exponential moving average of the weights is kept as cloned tensors and swapped in for the validation only
# style: own EMA class with apply_shadow/restore, Trainer-like functions, CNN without batch statistics
# tempts: LR322 (backups of parameters), LR704/LR307 (weights change outside the optimizer), LR207 (mode switches)
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class EMA:
    def __init__(self, model, decay):
        self.model = model
        self.decay = decay
        self.updates = 0
        self.shadow = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
        self.backup = {}

    @torch.no_grad()
    def update(self):
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, p in self.model.named_parameters():
            if name in self.shadow:
                self.shadow[name].lerp_(p, 1 - decay)

    @torch.no_grad()
    def apply_shadow(self):
        for name, p in self.model.named_parameters():
            if name in self.shadow:
                self.backup[name] = p.detach().clone()
                p.copy_(self.shadow[name])

    @torch.no_grad()
    def restore(self):
        for name, p in self.model.named_parameters():
            if name in self.backup:
                p.copy_(self.backup[name])
        self.backup = {}


def build():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.GroupNorm(4, 16),
        nn.SiLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.GroupNorm(4, 32),
        nn.SiLU(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(512, 10),
    )


@torch.no_grad()
def score(model, loader):
    model.eval()
    hits, n = 0, 0
    for images, labels in loader:
        hits += (model(images).argmax(1) == labels).sum().item()
        n += len(labels)
    return hits / n


def main():
    torch.manual_seed(2)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target)
    train_idx, val_idx = train_test_split(range(len(labels)), test_size=0.25, stratify=labels, random_state=2)
    train_loader = DataLoader(TensorDataset(images[train_idx], labels[train_idx]), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(images[val_idx], labels[val_idx]), batch_size=150)

    model = build()
    ema = EMA(model, decay=0.98)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    for epoch in range(6):
        model.train()
        running = 0.0
        for x, y in train_loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            ema.update()
            running += loss.item() * len(y)
        plain = score(model, val_loader)
        ema.apply_shadow()
        averaged = score(model, val_loader)
        ema.restore()
        print(f"epoch {epoch + 1}: loss {running / len(train_idx):.4f} plain {plain:.4f} averaged {averaged:.4f}")


if __name__ == "__main__":
    main()
