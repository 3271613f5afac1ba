# bug: the validation pass never calls eval(): BatchNorm normalises by, and learns from, the validation batches
# style: CNN with BatchNorm and Dropout, logging, early stopping
# codes: LR205
import logging

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
logger = logging.getLogger(__name__)


def block(channels_in, channels_out):
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
    )


def get_loaders():
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
    labels = torch.tensor(digits.target)
    order = torch.randperm(len(images))
    fit, check = order[:1408], order[1408:]
    return (
        DataLoader(TensorDataset(images[fit], labels[fit]), batch_size=64, shuffle=True),
        DataLoader(TensorDataset(images[check], labels[check]), batch_size=20),
    )


def validate(model, loader):
    hits = seen = 0
    with torch.no_grad():
        for images, labels in loader:
            hits += (model(images).argmax(dim=1) == labels).sum().item()
            seen += len(labels)
    return hits / seen


def main():
    torch.manual_seed(0)
    train_loader, valid_loader = get_loaders()
    model = nn.Sequential(block(1, 8), block(8, 16), nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    best, waited = 0.0, 0
    for epoch in range(8):
        model.train()
        for images, labels in train_loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
        accuracy = validate(model, valid_loader)
        logger.info("epoch %d: validation accuracy %.3f", epoch, accuracy)
        best, waited = (accuracy, 0) if accuracy > best else (best, waited + 1)
        if waited == 3:
            break


main()
