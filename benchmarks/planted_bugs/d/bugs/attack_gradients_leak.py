# bug: zero_grad comes before the attack's backward only, so that the attack's parameter gradients join the update
# style: adversarial training (FGSM), functions
# codes: LR301 LR708
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPSILON = 0.08


def attack(model, x, y, epsilon, steps=3):
    """Projected gradient ascent on the loss with respect to the image."""
    delta = torch.zeros_like(x).uniform_(-epsilon, epsilon)
    for _ in range(steps):
        delta.requires_grad_(True)
        F.cross_entropy(model(x + delta), y).backward()
        delta = (delta + epsilon / 2 * delta.grad.sign()).clamp(-epsilon, epsilon).detach()
    return (x + delta).clamp(0, 1)


def train(model, loader, optimizer):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        adversarial = attack(model, x, y, EPSILON)
        loss = F.cross_entropy(model(adversarial), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


def test(model, loader):
    model.eval()
    clean = robust = 0
    for x, y in loader:
        attacked = attack(model, x, y, EPSILON)
        with torch.no_grad():
            clean += (model(x).argmax(1) == y).sum().item()
            robust += (model(attacked).argmax(1) == y).sum().item()
    model.zero_grad()
    return clean / len(loader.dataset), robust / len(loader.dataset)


def main():
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.25, random_state=0, stratify=y)
    train_set = TensorDataset(torch.tensor(x_train).float(), torch.tensor(y_train))
    test_set = TensorDataset(torch.tensor(x_test).float(), torch.tensor(y_test))
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=225)
    model = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(10):
        loss = train(model, train_loader, optimizer)
        clean, robust = test(model, test_loader)
        print(f"epoch {epoch + 1}: adversarial loss {loss:.4f}, clean accuracy {clean:.3f}, robust {robust:.3f}")


if __name__ == "__main__":
    main()
