# bug: optimizer and scheduler are made inside of the epoch function: momentum and warm-up start anew every epoch
# style: train_epoch() that configures everything itself
# codes: LR310 LR309
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, TensorDataset, random_split

WARMUP_STEPS = 100
PEAK = 0.1


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.stack = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))

    def forward(self, x):
        return self.stack(self.flatten(x))


def warmup(step):
    return min(1.0, (step + 1) / WARMUP_STEPS)


def train_epoch(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=PEAK, momentum=0.9)
    scheduler = LambdaLR(optimizer, warmup)
    model.train()
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item() * len(labels)
    return total / len(loader.dataset), scheduler.get_last_lr()[0]


def validate(model, loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in loader:
            correct += (model(images).argmax(1) == labels).type(torch.float).sum().item()
    return correct / len(loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(0)
    digits = load_digits()
    dataset = TensorDataset(torch.tensor(digits.images / 16, dtype=torch.float32), torch.tensor(digits.target))
    train_part, val_part = random_split(dataset, [1280, 517])
    train_loader = DataLoader(train_part, batch_size=128, shuffle=True)
    val_loader = DataLoader(val_part, batch_size=256)
    model = Net()
    criterion = nn.CrossEntropyLoss()
    for epoch in range(1, 21):
        loss, rate = train_epoch(model, train_loader, criterion)
        if epoch % 4 == 0:
            print(
                f"epoch {epoch}: loss {loss:.4f}, rate {rate:.4f}, validation accuracy {validate(model, val_loader):.3f}"
            )
