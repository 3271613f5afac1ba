# style: research code, domain-adversarial training with a gradient reversal layer (torch.autograd.Function)
import math

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class ReverseGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad_output):
        return -ctx.strength * grad_output, None


class DANN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU())
        self.classifier = nn.Linear(48, 10)
        self.domain = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x, strength=0.0):
        features = self.features(x)
        domain = self.domain(ReverseGradient.apply(features, strength)).squeeze(1)
        return self.classifier(features), domain


def domains():
    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32) / 16
    y = torch.tensor(digits.target)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    source, target, test = order[:800], order[800:1500], order[1500:]
    shade = torch.linspace(0, 0.4, 64)
    foreign = x * 0.8 + shade
    return (x[source], y[source]), foreign[target], (foreign[test], y[test])


def main():
    torch.manual_seed(0)
    (source_x, source_y), target_x, (test_x, test_y) = domains()
    source_loader = DataLoader(TensorDataset(source_x, source_y), batch_size=50, shuffle=True, drop_last=True)
    target_loader = DataLoader(TensorDataset(target_x), batch_size=50, shuffle=True, drop_last=True)
    model = DANN()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    class_loss, domain_loss = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
    epochs = 15
    for epoch in range(epochs):
        model.train()
        strength = 0.3 * (2 / (1 + math.exp(-10 * epoch / epochs)) - 1)
        sums = [0.0, 0.0]
        steps = min(len(source_loader), len(target_loader))
        for (x, y), (foreign,) in zip(source_loader, target_loader):
            scores, domain_source = model(x, strength)
            _, domain_target = model(foreign, strength)
            own = class_loss(scores, y)
            confusion = domain_loss(domain_source, torch.zeros(len(x)))
            confusion = confusion + domain_loss(domain_target, torch.ones(len(foreign)))
            optimizer.zero_grad()
            (own + confusion).backward()
            optimizer.step()
            sums[0] += own.item()
            sums[1] += confusion.item()
        print(f"epoch {epoch}: class loss {sums[0] / steps:.4f}, domain loss {sums[1] / steps:.4f}")
    model.eval()
    with torch.no_grad():
        accuracy = (model(test_x)[0].argmax(1) == test_y).float().mean().item()
    print(f"accuracy on the foreign domain {accuracy:.3f}")


if __name__ == "__main__":
    main()
