# bug: the number of samples grows by config.batch_size per batch, although the last validation batch is much smaller
# style: Trainer class with config dataclass and a metric dictionary, breast cancer
# codes: LR203
from dataclasses import dataclass, field

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    batch_size: int = 64
    epochs: int = 20
    lr: float = 1e-3
    layers: list = field(default_factory=lambda: [30, 32, 16, 2])
    seed: int = 8


def mlp(sizes):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(a, b))
        if i < len(sizes) - 2:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class Trainer:
    def __init__(self, config):
        self.config = config
        torch.manual_seed(config.seed)
        data = load_breast_cancer()
        x_train, x_val, y_train, y_val = train_test_split(
            data.data, data.target, test_size=70, stratify=data.target, random_state=config.seed
        )
        scaler = StandardScaler().fit(x_train)
        self.train_set = self.dataset(scaler.transform(x_train), y_train)
        self.val_set = self.dataset(scaler.transform(x_val), y_val)
        self.train_loader = DataLoader(self.train_set, config.batch_size, shuffle=True)
        self.val_loader = DataLoader(self.val_set, config.batch_size)
        self.model = mlp(config.layers)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=config.lr)
        self.criterion = nn.CrossEntropyLoss()

    @staticmethod
    def dataset(features, labels):
        return TensorDataset(torch.tensor(features, dtype=torch.float32), torch.tensor(labels))

    def training_epoch(self):
        self.model.train()
        for features, labels in self.train_loader:
            loss = self.criterion(self.model(features), labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        total, correct = 0, 0
        for features, labels in loader:
            predicted = self.model(features).argmax(dim=1)
            total += self.config.batch_size
            correct += (predicted == labels).sum().item()
        return correct / total

    def fit(self):
        for epoch in range(1, self.config.epochs + 1):
            self.training_epoch()
            if epoch % 4 == 0:
                metrics = {"train": self.evaluate(self.train_loader), "val": self.evaluate(self.val_loader)}
                print(f"[{epoch:02d}] " + "  ".join(f"{name} accuracy {value:.4f}" for name, value in metrics.items()))


if __name__ == "__main__":
    Trainer(Config()).fit()
