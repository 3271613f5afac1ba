# style: CNN class, train/validate functions, OneCycleLR, best checkpoint
import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset, random_split


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(32)
        self.drop = nn.Dropout(0.25)
        self.fc = nn.Linear(32 * 2 * 2, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        return self.fc(self.drop(x.flatten(1)))


def train_epoch(model, loader, optimizer, scheduler):
    model.train()
    total, seen = 0.0, 0
    for images, labels in loader:
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(images), labels, label_smoothing=0.05)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        scheduler.step()
        total += loss.item() * labels.size(0)
        seen += labels.size(0)
    return total / seen


@torch.no_grad()
def validate(model, loader):
    model.eval()
    hits = 0
    for images, labels in loader:
        hits += (model(images).argmax(dim=1) == labels).sum().item()
    return hits / len(loader.dataset)


def main():
    torch.manual_seed(1)
    data = load_digits()
    images = torch.from_numpy(data.images).float().unsqueeze(1) / 16
    dataset = TensorDataset(images, torch.from_numpy(data.target))
    train_set, val_set, test_set = random_split(dataset, [1300, 200, 297])
    train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=100)
    test_loader = DataLoader(test_set, batch_size=100)
    model = ConvNet()
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    epochs = 5
    scheduler = optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.1, epochs=epochs, steps_per_epoch=len(train_loader)
    )
    best, best_state = 0.0, None
    for epoch in range(epochs):
        loss = train_epoch(model, train_loader, optimizer, scheduler)
        accuracy = validate(model, val_loader)
        if accuracy > best:
            best, best_state = accuracy, copy.deepcopy(model.state_dict())
        print(f"epoch {epoch}: loss {loss:.3f}, valid {accuracy:.3f}")
    model.load_state_dict(best_state)
    print(f"test accuracy {validate(model, test_loader):.3f}")


if __name__ == "__main__":
    main()
