# bug: evaluate() never calls model.eval(): dropout and batch statistics of the validation batches change the figures
# style: engine.py with train_one_epoch/evaluate, train.py main with argparse defaults, checkpoint of the best accuracy
# codes: LR205
import argparse
import copy

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


# ------------------------------------------------------------------ engine.py
def train_one_epoch(model, criterion, data_loader, optimizer, epoch):
    model.train()
    loss_sum = 0.0
    for step, (samples, targets) in enumerate(data_loader):
        outputs = model(samples)
        loss = criterion(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item()
        if step % 20 == 0:
            print(f"Epoch [{epoch}] step {step}/{len(data_loader)} loss {loss.item():.4f}")
    return loss_sum / len(data_loader)


@torch.no_grad()
def evaluate(model, criterion, data_loader):
    correct, count, loss_sum = 0, 0, 0.0
    for samples, targets in data_loader:
        outputs = model(samples)
        loss_sum += criterion(outputs, targets).item() * targets.size(0)
        correct += (outputs.argmax(1) == targets).sum().item()
        count += targets.size(0)
    return {"acc1": 100.0 * correct / count, "loss": loss_sum / count}


# ------------------------------------------------------------------ model.py
def conv_block(n_in, n_out, drop):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(n_out),
        nn.ReLU(inplace=True),
        nn.Dropout2d(drop),
    )


class SmallConvNet(nn.Module):
    def __init__(self, num_classes=10, drop=0.25):
        super().__init__()
        self.features = nn.Sequential(conv_block(1, 16, drop), conv_block(16, 32, drop), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(32 * 16, 64), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(64, num_classes)
        )

    def forward(self, x):
        return self.classifier(self.features(x))


# ------------------------------------------------------------------ train.py
def get_args():
    parser = argparse.ArgumentParser("digits training")
    parser.add_argument("--batch_size", default=64, type=int)
    parser.add_argument("--eval_batch_size", default=16, type=int)
    parser.add_argument("--epochs", default=8, type=int)
    parser.add_argument("--lr", default=2e-3, type=float)
    parser.add_argument("--seed", default=0, type=int)
    return parser.parse_args([])


def main(args):
    torch.manual_seed(args.seed)
    digits = load_digits()
    dataset = TensorDataset(torch.tensor(digits.images).float().unsqueeze(1) / 16, torch.tensor(digits.target))
    train_set, val_set = random_split(dataset, [1437, 360])
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=args.eval_batch_size)

    model = SmallConvNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    max_accuracy, checkpoint = 0.0, None
    for epoch in range(args.epochs):
        train_loss = train_one_epoch(model, criterion, train_loader, optimizer, epoch)
        stats = evaluate(model, criterion, val_loader)
        if stats["acc1"] > max_accuracy:
            max_accuracy, checkpoint = stats["acc1"], copy.deepcopy(model.state_dict())
        print(f"Epoch [{epoch}] train {train_loss:.4f} val {stats['loss']:.4f} acc {stats['acc1']:.1f}%")
    print(f"Max accuracy: {max_accuracy:.1f}% ({len(checkpoint)} tensors kept)")


if __name__ == "__main__":
    main(get_args())
