# style: multi-task research code, PCGrad: one backward per task on one graph, gradients taken out, projected, put back
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class PCGrad:
    """Gradient surgery around an optimizer."""

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.params = [p for group in optimizer.param_groups for p in group["params"]]

    def _take_gradient(self):
        parts = [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in self.params]
        return torch.cat([part.flatten() for part in parts])

    def backward(self, losses):
        gradients = []
        for i, loss in enumerate(losses):
            self.optimizer.zero_grad()
            loss.backward(retain_graph=i < len(losses) - 1)
            gradients.append(self._take_gradient())
        projected = [g.clone() for g in gradients]
        for i, g in enumerate(projected):
            for j in torch.randperm(len(gradients)).tolist():
                other = gradients[j]
                overlap = g @ other
                if i != j and overlap < 0:
                    g -= overlap / other.norm().pow(2).clamp(min=1e-12) * other
        merged = torch.stack(projected).sum(0)
        offset = 0
        for p in self.params:
            p.grad = merged[offset : offset + p.numel()].view_as(p).clone()
            offset += p.numel()

    def step(self):
        self.optimizer.step()


class SharedTrunk(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU())
        self.digit = nn.Linear(48, 10)
        self.parity = nn.Linear(48, 1)
        self.ink = nn.Linear(48, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.digit(h), self.parity(h).squeeze(1), self.ink(h).squeeze(1)


def main():
    torch.manual_seed(2)
    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32) / 16
    y = torch.tensor(digits.target)
    ink = x.mean(1)
    ink = (ink - ink[:1400].mean()) / ink[:1400].std()
    train_set = TensorDataset(x[:1400], y[:1400], ink[:1400])
    loader = DataLoader(train_set, batch_size=64, shuffle=True)

    model = SharedTrunk()
    optimizer = PCGrad(torch.optim.Adam(model.parameters(), lr=2e-3))
    for epoch in range(12):
        model.train()
        totals = torch.zeros(3)
        for images, labels, amount in loader:
            digit, parity, inked = model(images)
            losses = [
                nn.functional.cross_entropy(digit, labels),
                nn.functional.binary_cross_entropy_with_logits(parity, (labels % 2).float()),
                nn.functional.mse_loss(inked, amount),
            ]
            optimizer.backward(losses)
            optimizer.step()
            totals += torch.stack(losses).detach() * len(labels)
        print(f"epoch {epoch}: " + ", ".join(f"{value:.4f}" for value in (totals / len(train_set)).tolist()))

    model.eval()
    with torch.no_grad():
        digit, parity, inked = model(x[1400:])
    print(f"digit accuracy {(digit.argmax(1) == y[1400:]).float().mean():.3f}")
    print(f"parity accuracy {((parity > 0) == (y[1400:] % 2 == 1)).float().mean():.3f}")
    print(f"mean squared error of the ink {(inked - ink[1400:]).pow(2).mean():.4f}")


if __name__ == "__main__":
    main()
