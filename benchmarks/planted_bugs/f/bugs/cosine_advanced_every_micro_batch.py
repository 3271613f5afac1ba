# bug: the cosine schedule is planned in optimizer updates but advanced at every micro-batch: it falls and rises again
# style: research repository, accumulation of gradients, total_updates computed from the config
# codes: LR309
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader, TensorDataset

config = {
    "micro_batch": 16,
    "accumulation_steps": 4,
    "epochs": 8,
    "peak_lr": 0.15,
    "momentum": 0.9,
    "weight_decay": 5e-4,
}


class ResidualMLP(nn.Module):
    def __init__(self, width=64, depth=3):
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))
            for _ in range(depth)
        )
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


def get_loaders():
    X, y = load_digits(return_X_y=True)
    parts = train_test_split(X.astype("float32") / 16, y, test_size=0.25, random_state=0, stratify=y)
    X_train, X_test, y_train, y_test = (torch.from_numpy(p) for p in parts)
    train = DataLoader(TensorDataset(X_train, y_train), config["micro_batch"], shuffle=True, drop_last=True)
    return train, DataLoader(TensorDataset(X_test, y_test), 128)


def evaluate(model, loader):
    model.eval()
    hits = 0
    with torch.inference_mode():
        for x, y in loader:
            hits += (model(x).argmax(1) == y).sum().item()
    return hits / len(loader.dataset)


def main():
    torch.manual_seed(0)
    train_loader, test_loader = get_loaders()
    steps = config["accumulation_steps"]
    total_updates = config["epochs"] * (len(train_loader) // steps)
    model = ResidualMLP()
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=config["peak_lr"],
        momentum=config["momentum"],
        weight_decay=config["weight_decay"],
    )
    scheduler = CosineAnnealingLR(optimizer, T_max=total_updates)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(config["epochs"]):
        model.train()
        running = 0.0
        for i, (x, y) in enumerate(train_loader):
            loss = criterion(model(x), y) / steps
            loss.backward()
            running += loss.item() * steps
            if (i + 1) % steps == 0:
                optimizer.step()
                optimizer.zero_grad()
            scheduler.step()
        lr = scheduler.get_last_lr()[0]
        print(
            f"epoch {epoch} loss {running / len(train_loader):.4f} lr {lr:.4f} acc {evaluate(model, test_loader):.4f}"
        )


if __name__ == "__main__":
    main()
