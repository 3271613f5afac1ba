# bug: scaler.scale(loss) is called as if it scaled in place; backward runs on the unscaled loss and step() divides
# style: engineer's train.py, mixed precision behind a flag, autocast bfloat16 on CPU, engine functions
# codes: LR312
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 8
BATCH_SIZE = 64
LEARNING_RATE = 0.1
USE_AMP = True


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc = nn.Linear(24 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def get_dataloaders():
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).div(16).unsqueeze(1)
    labels = torch.tensor(digits.target)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    train, val = order[:1400], order[1400:]
    return (
        DataLoader(TensorDataset(images[train], labels[train]), batch_size=BATCH_SIZE, shuffle=True),
        DataLoader(TensorDataset(images[val], labels[val]), batch_size=256),
    )


def train_one_epoch(model, loader, optimizer, scaler):
    model.train()
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=USE_AMP):
            logits = model(images)
        loss = F.cross_entropy(logits.float(), labels)
        scaler.scale(loss)
        loss.backward()
        scaler.step(optimizer)
        scaler.update()
        total += loss.item() * len(labels)
    return total / len(loader.dataset)


@torch.inference_mode()
def validate(model, loader):
    model.eval()
    loss, correct = 0.0, 0
    for images, labels in loader:
        logits = model(images)
        loss += F.cross_entropy(logits, labels, reduction="sum").item()
        correct += (logits.argmax(1) == labels).sum().item()
    return loss / len(loader.dataset), correct / len(loader.dataset)


def main():
    torch.manual_seed(0)
    train_loader, val_loader = get_dataloaders()
    model = ConvNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=0.9)
    scaler = torch.amp.GradScaler("cpu", enabled=USE_AMP, init_scale=2.0**12)
    for epoch in range(EPOCHS):
        train_loss = train_one_epoch(model, train_loader, optimizer, scaler)
        val_loss, val_acc = validate(model, val_loader)
        print(f"epoch {epoch + 1}/{EPOCHS} train {train_loss:.4f} val {val_loss:.4f} acc {val_acc:.4f}")


if __name__ == "__main__":
    main()
