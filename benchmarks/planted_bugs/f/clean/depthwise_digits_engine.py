# style: engineer's engine.py functions (train_one_epoch, evaluate), ReduceLROnPlateau and a snapshot of the best weights
import copy

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def separable(cin, cout):
    return nn.Sequential(
        nn.Conv2d(cin, cin, 3, padding=1, groups=cin, bias=False),
        nn.Conv2d(cin, cout, 1, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU6(inplace=True),
    )


def build_model(classes=10, dropout=0.2):
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU6(inplace=True),
        separable(16, 32),
        nn.MaxPool2d(2),
        separable(32, 48),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(192, classes),
    )


def build_loaders(batch_size):
    digits = load_digits()
    images = digits.images[:, None].astype("float32")
    rest_x, test_x, rest_y, test_y = train_test_split(images, digits.target, test_size=0.2, random_state=0)
    train_x, val_x, train_y, val_y = train_test_split(rest_x, rest_y, test_size=0.2, random_state=0)
    mean, std = train_x.mean(), train_x.std()
    loaders = []
    for x, y, shuffle in ((train_x, train_y, True), (val_x, val_y, False), (test_x, test_y, False)):
        dataset = TensorDataset(torch.from_numpy((x - mean) / std), torch.from_numpy(y))
        loaders.append(DataLoader(dataset, batch_size=batch_size, shuffle=shuffle))
    return loaders


def train_one_epoch(model, criterion, optimizer, loader):
    model.train()
    loss_sum = 0.0
    for images, labels in loader:
        outputs = model(images)
        loss = criterion(outputs, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * labels.size(0)
    return loss_sum / len(loader.dataset)


@torch.inference_mode()
def evaluate(model, criterion, loader):
    model.eval()
    loss_sum, correct = 0.0, 0
    for images, labels in loader:
        outputs = model(images)
        loss_sum += criterion(outputs, labels).item() * labels.size(0)
        correct += (outputs.argmax(dim=1) == labels).sum().item()
    n = len(loader.dataset)
    return loss_sum / n, correct / n


def main():
    torch.manual_seed(0)
    train_loader, val_loader, test_loader = build_loaders(batch_size=64)
    model = build_model()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=1)
    best_loss, best_state = float("inf"), None
    for epoch in range(8):
        train_loss = train_one_epoch(model, criterion, optimizer, train_loader)
        val_loss, val_acc = evaluate(model, criterion, val_loader)
        scheduler.step(val_loss)
        if val_loss < best_loss:
            best_loss, best_state = val_loss, copy.deepcopy(model.state_dict())
        print(f"epoch {epoch}: train {train_loss:.4f} val {val_loss:.4f} acc {val_acc:.4f}")
    model.load_state_dict(best_state)
    _, test_acc = evaluate(model, criterion, test_loader)
    print(f"test accuracy {test_acc:.4f}")


if __name__ == "__main__":
    main()
