# bug: the input features are "normalised" with a softmax before the first layer
# style: model with a preprocessing step in forward, breast cancer
# codes: LR116
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class TumourNet(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.fc1 = nn.Linear(features, 32)
        self.fc2 = nn.Linear(32, 16)
        self.fc3 = nn.Linear(16, 2)

    def forward(self, x):
        x = F.softmax(x, dim=1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def load():
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=4, stratify=y)
    low, high = x_train.min(axis=0), x_train.max(axis=0)
    x_train, x_test = (torch.tensor((part - low) / (high - low), dtype=torch.float32) for part in (x_train, x_test))
    return TensorDataset(x_train, torch.tensor(y_train)), TensorDataset(x_test, torch.tensor(y_test))


def epoch(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * x.size(0)
    return total / len(loader.dataset)


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    return sum((model(x).argmax(1) == y).sum().item() for x, y in loader) / len(loader.dataset)


torch.manual_seed(0)
train_set, test_set = load()
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
test_loader = DataLoader(test_set, batch_size=128)
model = TumourNet(features=30)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for number in range(1, 26):
    loss = epoch(model, train_loader, criterion, optimizer)
    if number % 5 == 0:
        print(f"epoch {number}: loss {loss:.4f}, test accuracy {accuracy(model, test_loader):.3f}")
