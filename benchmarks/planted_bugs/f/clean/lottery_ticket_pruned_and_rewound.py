# style: researcher's pruning experiment: masks by magnitude, weights rewound, a new optimizer in every round
import copy

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ROUNDS, EPOCHS, PRUNE = 3, 7, 0.5


def make_model():
    return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))


def data():
    X, y = load_digits(return_X_y=True)
    parts = train_test_split(X.astype("float32") / 16, y, test_size=0.25, stratify=y, random_state=0)
    X_train, X_test, y_train, y_test = (torch.from_numpy(part) for part in parts)
    return TensorDataset(X_train, y_train), TensorDataset(X_test, y_test)


def weights(model):
    return {name: p for name, p in model.named_parameters() if name.endswith("weight")}


@torch.no_grad()
def apply_masks(model, masks):
    for name, p in weights(model).items():
        p.mul_(masks[name])


def train(model, masks, loader):
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    for _ in range(EPOCHS):
        model.train()
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            for name, p in weights(model).items():
                p.grad *= masks[name]
            optimizer.step()
            apply_masks(model, masks)
            total += loss.item() * len(y)
    return total / len(loader.dataset)


@torch.no_grad()
def accuracy(model, dataset):
    model.eval()
    x, y = dataset.tensors
    return (model(x).argmax(1) == y).float().mean().item()


@torch.no_grad()
def prune(model, masks):
    for name, p in weights(model).items():
        alive = p[masks[name].bool()].abs()
        threshold = alive.quantile(PRUNE)
        masks[name] = masks[name] * (p.abs() > threshold)


def main():
    torch.manual_seed(0)
    train_set, test_set = data()
    loader = DataLoader(train_set, batch_size=64, shuffle=True)
    model = make_model()
    start = copy.deepcopy(model.state_dict())
    masks = {name: torch.ones_like(p) for name, p in weights(model).items()}
    for round_ in range(ROUNDS):
        model.load_state_dict(start)
        apply_masks(model, masks)
        loss = train(model, masks, loader)
        left = sum(m.sum().item() for m in masks.values()) / sum(m.numel() for m in masks.values())
        print(f"round {round_}: {left:.1%} of the weights, loss {loss:.4f}, accuracy {accuracy(model, test_set):.3f}")
        prune(model, masks)


if __name__ == "__main__":
    main()
