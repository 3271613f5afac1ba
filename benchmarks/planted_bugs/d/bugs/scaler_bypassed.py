# bug: the loss is scaled for mixed precision, but optimizer.step() is called directly: steps are thousands of times too large
# style: bfloat16 autocast on the CPU with a GradScaler, functions
# codes: LR312 LR703 LR701
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.amp import GradScaler, autocast
from torch.utils.data import DataLoader, TensorDataset

DEVICE = "cpu"


def get_loaders():
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.2, random_state=0, stratify=y)
    train_set = TensorDataset(torch.tensor(x_train).float(), torch.tensor(y_train))
    test_set = TensorDataset(torch.tensor(x_test).float(), torch.tensor(y_test))
    return DataLoader(train_set, batch_size=64, shuffle=True), DataLoader(test_set, batch_size=360)


def train_one_epoch(model, loader, criterion, optimizer, scaler):
    model.train()
    total = 0.0
    for x, y in loader:
        x, y = x.to(DEVICE), y.to(DEVICE)
        optimizer.zero_grad()
        with autocast(DEVICE, dtype=torch.bfloat16):
            loss = criterion(model(x), y)
        scaler.scale(loss).backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    hits = 0
    for x, y in loader:
        with autocast(DEVICE, dtype=torch.bfloat16):
            scores = model(x.to(DEVICE))
        hits += (scores.argmax(1) == y.to(DEVICE)).sum().item()
    return hits / len(loader.dataset)


def main():
    torch.manual_seed(0)
    train_loader, test_loader = get_loaders()
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).to(DEVICE)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scaler = GradScaler(DEVICE, init_scale=1024.0)
    for epoch in range(6):
        loss = train_one_epoch(model, train_loader, criterion, optimizer, scaler)
        print(f"epoch {epoch + 1}: loss {loss:.4f}, test accuracy {evaluate(model, test_loader):.3f}")


if __name__ == "__main__":
    main()
