# bug: the learning rate and the width are chosen by the accuracy on the test set, which is then reported
# style: small grid search with itertools.product
# codes: LR225
import itertools

import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def get_data():
    x, y = make_classification(
        600, n_features=40, n_informative=6, n_classes=3, flip_y=0.15, class_sep=0.8, random_state=3
    )
    x = torch.tensor(x, dtype=torch.float32)
    y = torch.tensor(y)
    mean, std = x[:450].mean(0), x[:450].std(0)
    x = (x - mean) / std
    train_set = TensorDataset(x[:450], y[:450])
    test_set = TensorDataset(x[450:], y[450:])
    return DataLoader(train_set, batch_size=30, shuffle=True), DataLoader(test_set, batch_size=150)


def train(train_loader, hidden, lr, epochs=8):
    model = nn.Sequential(nn.Linear(40, hidden), nn.ReLU(), nn.Linear(hidden, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loss_fn = nn.CrossEntropyLoss()
    for _ in range(epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
    return model


def evaluate(model, loader):
    model.eval()
    correct = count = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(1) == y).sum().item()
            count += len(y)
    return correct / count


def main():
    torch.manual_seed(0)
    train_loader, test_loader = get_data()
    best_acc, best_setting = 0.0, None
    for lr, hidden in itertools.product([3e-4, 1e-3, 3e-3, 1e-2, 3e-2], [8, 16, 32, 64]):
        model = train(train_loader, hidden, lr)
        test_acc = evaluate(model, test_loader)
        print(f"lr {lr:g}, hidden {hidden}: {test_acc:.3f}")
        if test_acc > best_acc:
            best_acc, best_setting = test_acc, (lr, hidden)
    print(f"best setting {best_setting}, test accuracy {best_acc:.3f}")


main()
