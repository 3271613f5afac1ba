"""One function trains and evaluates, and begins both with `train()`."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rows = TensorDataset(torch.randn(500, 20), torch.randint(4, (500,)))
train_loader, valid_loader = DataLoader(rows, batch_size=32, shuffle=True), DataLoader(rows, batch_size=32)


def run_epoch(model, loader, criterion, optimizer=None):
    model.train()
    total, correct, n = 0.0, 0, 0
    for x, y in loader:  # error: evaluation-in-training-mode
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


class Trainer:
    def __init__(self, model, loaders):
        self.model, self.loaders = model, loaders
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def epoch(self, phase):
        self.model.train()
        losses = []
        for x, y in self.loaders[phase]:  # error: evaluation-in-training-mode
            with torch.set_grad_enabled(phase == "train"):
                loss = nn.functional.cross_entropy(self.model(x), y)
            if phase == "train":
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    def fit(self, epochs):
        for epoch in range(epochs):
            print(epoch, self.epoch("train"), self.epoch("val"))


net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4))
adam = torch.optim.Adam(net.parameters())
for epoch in range(10):
    print(run_epoch(net, train_loader, nn.CrossEntropyLoss(), adam))
    with torch.no_grad():
        print(run_epoch(net, valid_loader, nn.CrossEntropyLoss()))
Trainer(net, {"train": train_loader, "val": valid_loader}).fit(5)
