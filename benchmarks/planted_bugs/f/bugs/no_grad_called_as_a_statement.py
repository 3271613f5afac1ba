# bug: torch.no_grad() stands as a statement of its own, so validation records graphs (and keeps them in a list)
# style: research repository, temporal convolution forecaster, train/validate functions and argparse-like namespace
# codes: LR206 LR305
from types import SimpleNamespace

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

args = SimpleNamespace(window=24, horizon=4, channels=24, lr=2e-3, epochs=8, batch_size=64, seed=9)


def make_series(length):
    t = torch.arange(length, dtype=torch.float32)
    season = torch.sin(t * 0.26) + 0.5 * torch.sin(t * 0.037 + 1)
    return season + 0.15 * torch.randn(length)


def windows(series):
    chunks = series.unfold(0, args.window + args.horizon, 1)
    return TensorDataset(chunks[:, None, : args.window].contiguous(), chunks[:, args.window :].contiguous())


class TCN(nn.Module):
    def __init__(self, channels, horizon):
        super().__init__()
        layers, width = [], 1
        for dilation in (1, 2, 4):
            layers += [nn.Conv1d(width, channels, 3, dilation=dilation, padding=2 * dilation), nn.GELU()]
            width = channels
        self.net = nn.Sequential(*layers)
        self.head = nn.Linear(channels, horizon)

    def forward(self, x):
        features = self.net(x)[:, :, : args.window]
        return self.head(features[:, :, -1])


def train(model, loader, optimizer, criterion):
    model.train()
    running = 0.0
    for x, y in loader:
        prediction = model(x)
        loss = criterion(prediction, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(x)
    return running / len(loader.dataset)


def validate(model, loader, criterion):
    model.eval()
    torch.no_grad()
    losses, sizes = [], []
    for x, y in loader:
        prediction = model(x)
        losses.append(criterion(prediction, y))
        sizes.append(len(x))
    sizes = torch.tensor(sizes, dtype=torch.float32)
    return (torch.stack(losses) * sizes).sum() / sizes.sum()


def main():
    torch.manual_seed(args.seed)
    series = make_series(1400)
    train_loader = DataLoader(windows(series[:1100]), batch_size=args.batch_size, shuffle=True)
    val_loader = DataLoader(windows(series[1100:]), batch_size=args.batch_size)
    model = TCN(args.channels, args.horizon)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
    criterion = nn.SmoothL1Loss()
    best = float("inf")
    for epoch in range(args.epochs):
        train_loss = train(model, train_loader, optimizer, criterion)
        val_loss = validate(model, val_loader, criterion)
        mark = ""
        if val_loss < best:
            best, mark = val_loss, " *"
        print(f"epoch {epoch:2d} train {train_loss:.4f} val {val_loss:.4f}{mark}")


if __name__ == "__main__":
    main()
