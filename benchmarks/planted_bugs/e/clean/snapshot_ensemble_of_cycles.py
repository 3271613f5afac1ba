# clean: snapshot ensemble: warm restarts stepped per batch with fractional epochs, deep copies at the end of every cycle
# style: research script after the "Snapshot Ensembles" paper, softmax outputs averaged for the prediction
# tempts: LR309 (scheduler per batch, rate jumps up), LR322 (copies of states), LR102 (softmax near cross entropy), LR705
import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts
from torch.utils.data import DataLoader, TensorDataset

CYCLE = 4
CYCLES = 3


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 20, 3, padding=1)
        self.norm = nn.BatchNorm2d(20)
        self.fc = nn.Linear(20 * 16, 64)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv(x))), 2)
        return self.out(F.relu(self.fc(x.flatten(1))))


def ensemble_probabilities(snapshots, images):
    member = Net().eval()
    probabilities = torch.zeros(len(images), 10)
    with torch.no_grad():
        for state in snapshots:
            member.load_state_dict(state)
            probabilities += F.softmax(member(images), dim=1)
    return probabilities / len(snapshots)


def accuracy(probabilities, labels):
    return (probabilities.argmax(dim=1) == labels).float().mean().item()


def main():
    torch.manual_seed(1)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 8 - 1
    labels = torch.tensor(digits.target)
    train_idx, test_idx = train_test_split(range(len(labels)), test_size=0.3, stratify=labels, random_state=1)
    loader = DataLoader(
        TensorDataset(images[train_idx], labels[train_idx]), batch_size=40, shuffle=True, drop_last=True
    )
    test_images, test_labels = images[test_idx], labels[test_idx]

    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=CYCLE)
    snapshots = []
    for epoch in range(CYCLE * CYCLES):
        model.train()
        total = 0.0
        for i, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            scheduler.step(epoch + (i + 1) / len(loader))
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / len(loader):.4f}")
        if (epoch + 1) % CYCLE == 0:
            snapshots.append(copy.deepcopy(model.state_dict()))
            single = accuracy(ensemble_probabilities(snapshots[-1:], test_images), test_labels)
            together = accuracy(ensemble_probabilities(snapshots, test_images), test_labels)
            print(f"snapshot {len(snapshots)}: alone {single:.4f}, all snapshots together {together:.4f}")


if __name__ == "__main__":
    main()
