# clean: double backpropagation: the norm of the input gradient is part of the loss; the evaluation needs gradients for an attack
# style: robustness research script, penalty with create_graph, FGSM evaluation with autograd.grad
# tempts: LR206 (gradients during the evaluation), LR308 (create_graph), LR301, LR305
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

EPSILON = 0.1


class SmoothNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.fc1 = nn.Linear(16 * 16, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.avg_pool2d(F.gelu(self.conv(x)), 2)
        return self.fc2(F.gelu(self.fc1(x.flatten(1))))


def loss_with_penalty(model, images, labels, strength):
    images = images.clone().requires_grad_(True)
    cross_entropy = F.cross_entropy(model(images), labels)
    if strength == 0:
        return cross_entropy
    total = cross_entropy * len(labels)
    (gradient,) = torch.autograd.grad(total, images, create_graph=True)
    penalty = gradient.flatten(1).pow(2).sum(dim=1).mean()
    return cross_entropy + strength * penalty


def train(model, loader, strength, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(epochs):
        model.train()
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = loss_with_penalty(model, images, labels, strength)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
    return total / len(loader.dataset)


def robust_accuracy(model, loader):
    model.eval()
    clean, attacked, n = 0, 0, 0
    for images, labels in loader:
        images = images.clone().requires_grad_(True)
        logits = model(images)
        (gradient,) = torch.autograd.grad(F.cross_entropy(logits, labels), images)
        with torch.no_grad():
            adversarial = (images + EPSILON * gradient.sign()).clamp(0, 1)
            attacked += (model(adversarial).argmax(1) == labels).sum().item()
        clean += (logits.argmax(1) == labels).sum().item()
        n += len(labels)
    return clean / n, attacked / n


def main():
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target)
    train_idx, test_idx = train_test_split(range(len(labels)), test_size=0.25, stratify=labels, random_state=9)
    loader = DataLoader(TensorDataset(images[train_idx], labels[train_idx]), batch_size=64, shuffle=True)
    test_loader = DataLoader(TensorDataset(images[test_idx], labels[test_idx]), batch_size=150)
    for strength in (0.0, 0.1):
        torch.manual_seed(9)
        model = SmoothNet()
        final = train(model, loader, strength, epochs=16)
        clean, attacked = robust_accuracy(model, test_loader)
        print(f"penalty {strength}: training loss {final:.4f}, test accuracy {clean:.4f}, under attack {attacked:.4f}")


if __name__ == "__main__":
    main()
