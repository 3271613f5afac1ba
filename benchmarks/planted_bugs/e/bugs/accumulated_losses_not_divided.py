# bug: gradients of eight micro-batches are summed without dividing the loss: the step is eight times too long
# style: "simulate a large batch" training script, dataclass arguments, momentum SGD, cosine schedule per update
# codes: LR325
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Args:
    micro_batch_size: int = 8
    gradient_accumulation_steps: int = 8
    epochs: int = 8
    learning_rate: float = 0.15
    momentum: float = 0.9


def build():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 16, 10),
    )


def loaders(args):
    images, target = load_digits(return_X_y=True)
    images = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 16
    target = torch.tensor(target)
    train_idx, test_idx = train_test_split(range(len(target)), train_size=1408, random_state=0, stratify=target)
    train = TensorDataset(images[train_idx], target[train_idx])
    test = TensorDataset(images[test_idx], target[test_idx])
    return (
        DataLoader(train, batch_size=args.micro_batch_size, shuffle=True),
        DataLoader(test, batch_size=128),
    )


def main():
    args = Args()
    torch.manual_seed(0)
    train_loader, test_loader = loaders(args)
    model = build()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.learning_rate, momentum=args.momentum)
    updates = len(train_loader) // args.gradient_accumulation_steps * args.epochs
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=updates)

    for epoch in range(args.epochs):
        model.train()
        optimizer.zero_grad()
        epoch_loss = 0.0
        for step, (images, target) in enumerate(train_loader):
            loss = criterion(model(images), target)
            loss.backward()
            epoch_loss += loss.item()
            if (step + 1) % args.gradient_accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()
                scheduler.step()

        model.eval()
        correct = 0
        with torch.no_grad():
            for images, target in test_loader:
                correct += (model(images).argmax(1) == target).sum().item()
        print(
            f"epoch {epoch + 1}: train loss {epoch_loss / len(train_loader):.4f}, "
            f"test accuracy {correct / len(test_loader.dataset):.4f}"
        )


if __name__ == "__main__":
    main()
