# bug: the shadow weights of the moving average are the model's own tensors: the average is the model itself
# style: class for exponential moving averages with apply and restore
# codes: LR322
import torch
from sklearn.datasets import load_digits
from torch import nn


class EMA:
    def __init__(self, model, decay):
        self.model = model
        self.decay = decay
        self.shadow = {name: p.data for name, p in model.named_parameters()}
        self.backup = {}

    @torch.no_grad()
    def update(self):
        for name, p in self.model.named_parameters():
            self.shadow[name].mul_(self.decay).add_(p, alpha=1 - self.decay)

    @torch.no_grad()
    def apply(self):
        for name, p in self.model.named_parameters():
            self.backup[name] = p.clone()
            p.copy_(self.shadow[name])

    @torch.no_grad()
    def restore(self):
        for name, p in self.model.named_parameters():
            p.copy_(self.backup[name])
        self.backup = {}


@torch.no_grad()
def evaluate(model, x, y):
    model.eval()
    scores = model(x)
    return nn.functional.cross_entropy(scores, y).item(), (scores.argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32) / 16
    y = torch.tensor(digits.target)
    order = torch.randperm(len(x))
    train, test = order[:1200], order[1200:]
    noisy = y.clone()
    flipped = train[:300]
    noisy[flipped] = torch.randint(10, (300,))

    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    ema = EMA(model, decay=0.99)
    for epoch in range(10):
        model.train()
        for index in train[torch.randperm(len(train))].split(16):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[index]), noisy[index])
            loss.backward()
            optimizer.step()
            ema.update()
        raw = evaluate(model, x[test], y[test])
        ema.apply()
        averaged = evaluate(model, x[test], y[test])
        ema.restore()
        print(f"epoch {epoch}: raw {raw[0]:.4f} / {raw[1]:.3f}, averaged {averaged[0]:.4f} / {averaged[1]:.3f}")


main()
