# bug: for the second task model.head is replaced, but the optimizer of the first task is used on: the new head is never trained
# style: pretraining and fine-tuning in one script, shared run() helper, digits then even/odd
# codes: LR307
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Backbone(nn.Module):
    def __init__(self, dim=48):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(128, dim),
            nn.ReLU(),
        )

    def forward(self, x):
        return self.layers(x)


class Model(nn.Module):
    def __init__(self, num_outputs, dim=48):
        super().__init__()
        self.backbone = Backbone(dim)
        self.head = nn.Linear(dim, num_outputs)

    def forward(self, x):
        return self.head(self.backbone(x))


def run(model, optimizer, train_loader, test_loader, epochs, title):
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            hits = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
        print(
            f"{title} epoch {epoch + 1}: loss {total / len(train_loader):.4f} "
            f"accuracy {hits / len(test_loader.dataset):.4f}"
        )


def main():
    torch.manual_seed(10)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target)
    train, test = train_test_split(range(len(labels)), test_size=0.3, random_state=10, stratify=labels)

    model = Model(num_outputs=10)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    train_loader = DataLoader(TensorDataset(images[train], labels[train]), batch_size=32, shuffle=True)
    test_loader = DataLoader(TensorDataset(images[test], labels[test]), batch_size=128)
    run(model, optimizer, train_loader, test_loader, epochs=3, title="pretrain")

    small, large = labels < 5, labels >= 5
    groups = torch.zeros_like(labels)
    groups[small & (labels % 2 == 1)] = 1
    groups[large & (labels % 2 == 0)] = 2
    groups[large & (labels % 2 == 1)] = 3
    few = train[:200]
    model.head = nn.Linear(48, 4)
    for group in optimizer.param_groups:
        group["lr"] = 2e-4
    train_loader = DataLoader(TensorDataset(images[few], groups[few]), batch_size=20, shuffle=True)
    test_loader = DataLoader(TensorDataset(images[test], groups[test]), batch_size=128)
    run(model, optimizer, train_loader, test_loader, epochs=8, title="finetune")


if __name__ == "__main__":
    main()
