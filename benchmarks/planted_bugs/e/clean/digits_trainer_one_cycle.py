# clean: ordinary CNN trainer: OneCycleLR per batch, clipping after backward, batch norm and dropout with the right modes
# style: Trainer class with callbacks and an AverageMeter, best checkpoint by validation accuracy, test at the end
# tempts: LR309 (scheduler per batch), LR311, LR207 (mode switches), LR224 (random_split)
import copy

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class AverageMeter:
    def __init__(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n):
        self.total += value * n
        self.count += n

    @property
    def average(self):
        return self.total / self.count


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(x + self.bn2(self.conv2(out)))


class DigitResNet(nn.Module):
    def __init__(self, channels=16, num_classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU())
        self.block = ResidualBlock(channels)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.2), nn.Linear(16 * channels, num_classes)
        )

    def forward(self, x):
        return self.head(self.block(self.stem(x)))


class BestCheckpoint:
    def __init__(self):
        self.score, self.state = float("-inf"), None

    def on_epoch_end(self, trainer, metrics):
        if metrics["val_acc"] > self.score:
            self.score, self.state = metrics["val_acc"], copy.deepcopy(trainer.model.state_dict())


class Trainer:
    def __init__(self, model, epochs, max_lr, callbacks):
        self.model, self.epochs, self.max_lr, self.callbacks = model, epochs, max_lr, callbacks
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.05)

    def fit(self, train_loader, val_loader):
        optimizer = torch.optim.SGD(self.model.parameters(), lr=self.max_lr, momentum=0.9, weight_decay=5e-4)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, self.max_lr, epochs=self.epochs, steps_per_epoch=len(train_loader)
        )
        for epoch in range(self.epochs):
            self.model.train()
            loss_meter = AverageMeter()
            for images, labels in train_loader:
                loss = self.criterion(self.model(images), labels)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
                optimizer.step()
                scheduler.step()
                loss_meter.update(loss.item(), len(labels))
            metrics = {"train_loss": loss_meter.average, "val_acc": self.test(val_loader)}
            print(f"epoch {epoch + 1}: " + ", ".join(f"{k} {v:.4f}" for k, v in metrics.items()))
            for callback in self.callbacks:
                callback.on_epoch_end(self, metrics)

    @torch.no_grad()
    def test(self, loader):
        self.model.eval()
        meter = AverageMeter()
        for images, labels in loader:
            hits = (self.model(images).argmax(dim=1) == labels).float().mean().item()
            meter.update(hits, len(labels))
        return meter.average


def main():
    torch.manual_seed(2024)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    data = TensorDataset((images - 0.3) / 0.38, torch.tensor(digits.target))
    train_set, val_set, test_set = random_split(data, [1197, 300, 300])
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True, drop_last=True)
    val_loader, test_loader = DataLoader(val_set, batch_size=100), DataLoader(test_set, batch_size=100)
    best = BestCheckpoint()
    trainer = Trainer(DigitResNet(), epochs=8, max_lr=0.1, callbacks=[best])
    trainer.fit(train_loader, val_loader)
    trainer.model.load_state_dict(best.state)
    print(f"test accuracy {trainer.test(test_loader):.4f}")


if __name__ == "__main__":
    main()
