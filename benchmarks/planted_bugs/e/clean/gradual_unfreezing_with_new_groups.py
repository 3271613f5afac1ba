# clean: fine-tuning of a pretrained CNN: first the new head only, then add_param_group for the backbone with a small rate
# style: transfer-learning script, freeze/unfreeze helpers, train() overridden so that frozen batch norm stays in eval mode
# tempts: LR307 (backbone not in the optimizer at first), LR704 (frozen parameters), LR324 and LR207 (parts in eval mode)
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Network(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.head = nn.Linear(512, n_classes)
        self.frozen = False

    def freeze_backbone(self):
        self.frozen = True
        self.backbone.requires_grad_(False)

    def unfreeze_backbone(self):
        self.frozen = False
        self.backbone.requires_grad_(True)

    def train(self, mode=True):
        super().train(mode)
        if self.frozen:
            self.backbone.eval()
        return self

    def forward(self, x):
        return self.head(self.backbone(x))


def run_epochs(model, optimizer, loader, test_loader, epochs, title):
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        model.eval()
        with torch.no_grad():
            hits = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
        print(
            f"{title} {epoch + 1}: loss {total / len(loader.dataset):.4f}, test {hits / len(test_loader.dataset):.4f}"
        )


def loaders(images, labels, batch_size):
    train, test = train_test_split(range(len(labels)), test_size=0.3, stratify=labels, random_state=0)
    return (
        DataLoader(TensorDataset(images[train], labels[train]), batch_size=batch_size, shuffle=True),
        DataLoader(TensorDataset(images[test], labels[test]), batch_size=150),
    )


def main():
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target)
    old = labels < 5

    model = Network(5)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run_epochs(model, optimizer, *loaders(images[old], labels[old], 32), epochs=5, title="digits 0-4, epoch")

    model.head = nn.Linear(512, 5)
    model.freeze_backbone()
    optimizer = torch.optim.Adam(model.head.parameters(), lr=3e-3)
    new_loaders = loaders(images[~old], labels[~old] - 5, 32)
    run_epochs(model, optimizer, *new_loaders, epochs=4, title="digits 5-9, head only, epoch")

    model.unfreeze_backbone()
    optimizer.add_param_group({"params": model.backbone.parameters(), "lr": 3e-4})
    run_epochs(model, optimizer, *new_loaders, epochs=4, title="digits 5-9, whole network, epoch")


if __name__ == "__main__":
    main()
