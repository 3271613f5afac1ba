# bug: in the mixup loss the mixed targets are passed as the input and the logits as the target of cross_entropy
# style: mixup with soft targets, functions
# codes: LR111
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.distributions import Beta


def mixup(x, y, alpha=0.4, classes=10):
    share = Beta(alpha, alpha).sample((len(x), 1))
    partner = torch.randperm(len(x))
    targets = F.one_hot(y, classes).float()
    return share * x + (1 - share) * x[partner], share * targets + (1 - share) * targets[partner]


def soft_cross_entropy(logits, targets):
    return F.cross_entropy(targets, logits)


def make_model():
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def train(model, x, y, epochs, batch_size=64, lr=1e-3):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        for index in torch.randperm(len(x)).split(batch_size):
            inputs, targets = mixup(x[index], y[index])
            loss = soft_cross_entropy(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(index)
        print(f"epoch {epoch}: loss {total / len(x):.4f}")


@torch.no_grad()
def accuracy(model, x, y):
    model.eval()
    return (model(x).argmax(dim=1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    digits = load_digits()
    order = torch.randperm(len(digits.target))
    x = torch.tensor(digits.data / 16, dtype=torch.float32)[order]
    y = torch.tensor(digits.target)[order]
    model = make_model()
    train(model, x[:1400], y[:1400], epochs=10)
    print(f"test accuracy {accuracy(model, x[1400:], y[1400:]):.3f}")


if __name__ == "__main__":
    main()
