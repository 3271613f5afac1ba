# clean: sharpness-aware minimisation: two backward passes per step, gradients cleared between them, one optimizer step
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class SAM:
    def __init__(self, optimizer, rho):
        self.optimizer = optimizer
        self.rho = rho
        self.moves = []

    def parameters(self):
        for group in self.optimizer.param_groups:
            yield from (p for p in group["params"] if p.grad is not None)

    @torch.no_grad()
    def ascend(self):
        norm = torch.stack([p.grad.norm() for p in self.parameters()]).norm()
        self.moves = []
        for p in self.parameters():
            move = self.rho * p.grad / (norm + 1e-12)
            p.add_(move)
            self.moves.append((p, move))
        self.optimizer.zero_grad()

    @torch.no_grad()
    def descend(self):
        for p, move in self.moves:
            p.sub_(move)
        self.optimizer.step()
        self.optimizer.zero_grad()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc = nn.Linear(96, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = nn.functional.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def loaders():
    digits = load_digits()
    x = digits.images[:, None] / 16
    x_train, x_test, y_train, y_test = train_test_split(
        x, digits.target, test_size=0.3, random_state=0, stratify=digits.target
    )
    train = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train))
    test = TensorDataset(torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test))
    return DataLoader(train, batch_size=64, shuffle=True), DataLoader(test, batch_size=270)


torch.manual_seed(0)
train_loader, test_loader = loaders()
model = Net()
criterion = nn.CrossEntropyLoss()
sam = SAM(torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9), rho=0.05)
for epoch in range(1, 11):
    model.train()
    total = 0.0
    for x, y in train_loader:
        loss = criterion(model(x), y)
        loss.backward()
        sam.ascend()
        criterion(model(x), y).backward()
        sam.descend()
        total += loss.item() * len(x)
    model.eval()
    hits = 0
    with torch.no_grad():
        for x, y in test_loader:
            hits += (model(x).argmax(1) == y).sum().item()
    if epoch % 2 == 0:
        print(
            f"epoch {epoch}: loss {total / len(train_loader.dataset):.4f}, test accuracy {hits / len(test_loader.dataset):.3f}"
        )
