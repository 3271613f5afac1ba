# bug: the network ends in a softmax although the criterion is CrossEntropyLoss, which applies one itself
# style: research repository: config dataclass, Trainer class with fit/evaluate, digits CNN
# codes: LR102
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    batch_size: int = 64
    lr: float = 1e-3
    epochs: int = 10
    num_classes: int = 10
    seed: int = 42


class DigitNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(32 * 2 * 2, 64)
        self.fc2 = nn.Linear(64, num_classes)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        return F.softmax(self.fc2(x), dim=1)


class Trainer:
    def __init__(self, model, config, train_loader, val_loader):
        self.model = model
        self.config = config
        self.train_loader = train_loader
        self.val_loader = val_loader
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)

    def train_epoch(self):
        self.model.train()
        running_loss, seen = 0.0, 0
        for images, labels in self.train_loader:
            self.optimizer.zero_grad()
            outputs = self.model(images)
            loss = self.criterion(outputs, labels)
            loss.backward()
            self.optimizer.step()
            running_loss += loss.item() * labels.size(0)
            seen += labels.size(0)
        return running_loss / seen

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        correct, seen = 0, 0
        for images, labels in self.val_loader:
            correct += (self.model(images).argmax(dim=1) == labels).sum().item()
            seen += labels.size(0)
        return correct / seen

    def fit(self):
        for epoch in range(self.config.epochs):
            loss = self.train_epoch()
            accuracy = self.evaluate()
            print(f"[{epoch + 1}/{self.config.epochs}] loss={loss:.4f} val_acc={accuracy:.4f}")


def main():
    config = Config()
    torch.manual_seed(config.seed)
    digits = load_digits()
    x_train, x_val, y_train, y_val = train_test_split(
        digits.images, digits.target, test_size=0.2, stratify=digits.target, random_state=config.seed
    )

    def to_dataset(x, y):
        return TensorDataset(torch.tensor(x, dtype=torch.float32).unsqueeze(1) / 16.0, torch.tensor(y))

    train_loader = DataLoader(to_dataset(x_train, y_train), batch_size=config.batch_size, shuffle=True)
    val_loader = DataLoader(to_dataset(x_val, y_val), batch_size=256)
    Trainer(DigitNet(config.num_classes), config, train_loader, val_loader).fit()


if __name__ == "__main__":
    main()
