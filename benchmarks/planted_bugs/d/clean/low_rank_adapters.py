# clean: LoRA: frozen base weights, one factor starts at zero, two linear maps in a row without activation
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LoRALinear(nn.Module):
    def __init__(self, base, rank=4, alpha=8.0):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad = False
        self.down = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scale = alpha / rank

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.down.T @ self.up.T)


def mlp():
    return nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 10))


def adapt(model, rank):
    return nn.Sequential(*(LoRALinear(layer, rank) if isinstance(layer, nn.Linear) else layer for layer in model))


def fit(model, x, y, epochs, lr):
    loader = DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        for inputs, targets in loader:
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(inputs)
        if epoch % 5 == 0:
            print(f"  epoch {epoch}: loss {total / len(x):.4f}")


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(dim=-1) == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    digits = load_digits()
    order = torch.randperm(len(digits.target))
    x = torch.tensor(digits.data, dtype=torch.float32)[order] / 16
    y = torch.tensor(digits.target)[order]
    mirrored = x.view(-1, 8, 8).flip(2).reshape(-1, 64)

    print("base, upright digits")
    base = mlp()
    fit(base, x[:900], y[:900], epochs=10, lr=2e-3)
    print(f"upright {accuracy(base, x[1300:], y[1300:]):.3f}, mirrored {accuracy(base, mirrored[1300:], y[1300:]):.3f}")

    print("adapters, mirrored digits")
    adapted = adapt(base, rank=4)
    learnt = sum(p.numel() for p in adapted.parameters() if p.requires_grad)
    fit(adapted, mirrored[900:1300], y[900:1300], epochs=20, lr=5e-3)
    print(f"mirrored {accuracy(adapted, mirrored[1300:], y[1300:]):.3f} with {learnt} learnt numbers")
