# bug: the training loader is built from X, y instead of X_train, y_train: all test rows are trained on
# style: engineer's template with argparse and get_loaders(args), noisy labels, results as CSV
# codes: LR713 LR511
import argparse
import csv
import sys

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--seed", type=int, default=12)
    return parser.parse_args()


def get_loaders(args):
    X, y = make_classification(
        n_samples=500, n_features=40, n_informative=6, n_redundant=4, flip_y=0.25, random_state=args.seed
    )
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=args.seed, stratify=y)
    scaler = StandardScaler().fit(X_train)
    X, X_train, X_test = (scaler.transform(part).astype("float32") for part in (X, X_train, X_test))
    train_dataset = TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    test_dataset = TensorDataset(torch.from_numpy(X_test), torch.from_numpy(y_test))
    train_loader = DataLoader(train_dataset, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(test_dataset, batch_size=args.batch_size)
    return train_loader, test_loader


class Classifier(nn.Module):
    def __init__(self, n_features, hidden):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(n_features, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2)
        )

    def forward(self, x):
        return self.model(x)


def train(model, loader, criterion, optimizer):
    model.train()
    loss_sum = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
    return loss_sum / len(loader.dataset)


def test(model, loader, criterion):
    model.eval()
    loss_sum, correct = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x)
            loss_sum += criterion(logits, y).item() * len(y)
            correct += (logits.argmax(dim=1) == y).sum().item()
    return loss_sum / len(loader.dataset), correct / len(loader.dataset)


def main():
    args = parse_args()
    torch.manual_seed(args.seed)
    train_loader, test_loader = get_loaders(args)
    model = Classifier(40, args.hidden)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    log = csv.writer(sys.stdout)
    log.writerow(["epoch", "train_loss", "test_loss", "test_accuracy"])
    for epoch in range(1, args.epochs + 1):
        train_loss = train(model, train_loader, criterion, optimizer)
        test_loss, accuracy = test(model, test_loader, criterion)
        if epoch % 5 == 0:
            log.writerow([epoch, f"{train_loss:.4f}", f"{test_loss:.4f}", f"{accuracy:.4f}"])


if __name__ == "__main__":
    main()
