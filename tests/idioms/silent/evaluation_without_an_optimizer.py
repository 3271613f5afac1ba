"""One function trains and evaluates, in the mode that fits; dropout is left on where somebody samples with it."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rows = TensorDataset(torch.randn(500, 20), torch.randint(4, (500,)))
train_loader, valid_loader = DataLoader(rows, batch_size=32, shuffle=True), DataLoader(rows, batch_size=32)


def run_epoch(model, loader, criterion, optimizer=None):
    model.train(optimizer is not None)
    total, correct, n = 0.0, 0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            out = model(x)
            loss = criterion(out, y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(y)
            correct += (out.argmax(1) == y).sum().item()
            n += len(y)
    return total / n, correct / n


def switched(model, loader, criterion, optimizer=None):
    if optimizer is None:
        model.eval()
    else:
        model.train()
    correct = 0
    for x, y in loader:
        with torch.set_grad_enabled(optimizer is not None):
            out = model(x)
        if optimizer is not None:
            optimizer.zero_grad()
            criterion(out, y).backward()
            optimizer.step()
        correct += (out.argmax(1) == y).sum().item()
    return correct / len(loader.dataset)


@torch.no_grad()
def sampled(model, loader):
    model.train()
    correct = 0
    for x, y in loader:
        scores = torch.stack([model(x) for _ in range(10)]).mean(0)
        correct += (scores.argmax(1) == y).sum().item()
    return correct / len(loader.dataset)


net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4))
adam = torch.optim.Adam(net.parameters())
for epoch in range(10):
    print(run_epoch(net, train_loader, nn.CrossEntropyLoss(), adam), run_epoch(net, valid_loader, nn.CrossEntropyLoss()))
    print(switched(net, train_loader, nn.CrossEntropyLoss(), adam), switched(net, valid_loader, nn.CrossEntropyLoss()))
    print(sampled(net, valid_loader))
