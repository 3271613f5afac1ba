# bug: the reported test accuracy is the best of all epochs, and the checkpoint is chosen by it
# style: main function with argparse, deepcopy of the best state, SWA-free baseline
# codes: LR225
import argparse
import copy

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_known_args()[0]


def tensors(X, y):
    return TensorDataset(torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y))


def accuracy(model, loader):
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for inputs, labels in loader:
            correct += (model(inputs).argmax(1) == labels).sum().item()
            total += labels.size(0)
    return 100 * correct / total


def main():
    args = parse()
    torch.manual_seed(args.seed)
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=150, train_size=600, random_state=args.seed)
    train_loader = DataLoader(tensors(X_train, y_train), args.batch_size, shuffle=True)
    test_loader = DataLoader(tensors(X_test, y_test), args.batch_size)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    best_accuracy, best_model = 0.0, None
    for epoch in range(args.epochs):
        model.train()
        for inputs, labels in train_loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
        test_accuracy = accuracy(model, test_loader)
        if test_accuracy > best_accuracy:
            best_accuracy, best_model = test_accuracy, copy.deepcopy(model)
        print(f"epoch {epoch}: test accuracy {test_accuracy:.1f} %")
    print(f"final test accuracy: {accuracy(best_model, test_loader):.1f} %")


if __name__ == "__main__":
    main()
