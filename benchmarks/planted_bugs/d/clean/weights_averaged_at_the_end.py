# clean: stochastic weight averaging: the averaged model is in no optimizer, its statistics are recomputed in train mode
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn
from torch.utils.data import DataLoader, TensorDataset


def build():
    return nn.Sequential(
        nn.Linear(64, 80, bias=False),
        nn.BatchNorm1d(80),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(80, 10),
    )


def train_epoch(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


def evaluate(model, loader):
    model.eval()
    hits = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (model(x).argmax(1) == y).sum().item()
    return hits / len(loader.dataset)


def main():
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.3, random_state=0, stratify=y)
    train_set = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train))
    test_set = TensorDataset(torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test))
    train_loader = DataLoader(train_set, batch_size=48, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=270)

    model = build()
    averaged = AveragedModel(model)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    constant = SWALR(optimizer, swa_lr=0.05, anneal_epochs=2)
    for epoch in range(20):
        loss = train_epoch(model, train_loader, optimizer, criterion)
        if epoch < 10:
            cosine.step()
        else:
            averaged.update_parameters(model)
            constant.step()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {loss:.4f}")
    update_bn(train_loader, averaged)
    print(
        f"test accuracy: last weights {evaluate(model, test_loader):.3f}, averaged {evaluate(averaged, test_loader):.3f}"
    )


if __name__ == "__main__":
    main()
