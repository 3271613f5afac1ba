# bug: the body is unfrozen after a few epochs, but the optimizer was built from the then trainable head alone
# style: fine-tuning with gradual unfreezing, pretraining on even and odd first
# codes: LR307
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def body():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64, 12),
        nn.ReLU(),
    )


def set_trainable(module, flag):
    for parameter in module.parameters():
        parameter.requires_grad = flag


def run_epoch(model, loader, optimizer):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


@torch.no_grad()
def accuracy(model, x, y):
    model.eval()
    return (model(x).argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    y = torch.tensor(digits.target)
    order = torch.randperm(len(y))
    x, y = x[order], y[order]

    backbone = body()
    pretrained = nn.Sequential(backbone, nn.Linear(12, 2))
    loader = DataLoader(TensorDataset(x[:700], y[:700] % 2), batch_size=32, shuffle=True)
    optimizer = torch.optim.Adam(pretrained.parameters(), lr=2e-3)
    for _ in range(6):
        loss = run_epoch(pretrained, loader, optimizer)
    print(f"pretraining loss {loss:.4f}")

    model = nn.Sequential(backbone, nn.Linear(12, 10))
    set_trainable(backbone, False)
    loader = DataLoader(TensorDataset(x[700:1400], y[700:1400]), batch_size=32, shuffle=True)
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=2e-3)
    for epoch in range(14):
        if epoch == 4:
            set_trainable(backbone, True)
            print("backbone unfrozen")
        loss = run_epoch(model, loader, optimizer)
        if epoch % 2 == 1:
            print(f"fine-tuning epoch {epoch + 1}: {loss:.4f}")
    print(f"test accuracy {accuracy(model, x[1400:], y[1400:]):.3f}")


if __name__ == "__main__":
    main()
