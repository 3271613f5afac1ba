# bug: OneCycleLR is planned for steps_per_epoch * epochs steps and stepped once per epoch: it stays in the warm-up
# style: dataclass for the settings, bfloat16 autocast
# codes: LR309
from dataclasses import dataclass, field

import torch
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    hidden: list[int] = field(default_factory=lambda: [64, 32])
    epochs: int = 8
    batch_size: int = 64
    max_lr: float = 0.3
    seed: int = 11


def build(cfg):
    sizes = [64, *cfg.hidden]
    parts = []
    for a, b in zip(sizes, sizes[1:]):
        parts += [nn.Linear(a, b), nn.GELU()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], 10))


def evaluate(model, x, y):
    model.eval()
    with torch.inference_mode():
        return (model(x).argmax(-1) == y).float().mean().item()


def train(cfg):
    torch.manual_seed(cfg.seed)
    x, y = load_digits(return_X_y=True)
    scaler = StandardScaler().fit(x[:1400])
    x, y = torch.tensor(scaler.transform(x), dtype=torch.float32), torch.tensor(y)
    loader = DataLoader(TensorDataset(x[:1400], y[:1400]), cfg.batch_size, shuffle=True, drop_last=True)
    model = build(cfg)
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.max_lr / 25, momentum=0.9)
    scheduler = OneCycleLR(optimizer, cfg.max_lr, epochs=cfg.epochs, steps_per_epoch=len(loader))
    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for inputs, labels in loader:
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        scheduler.step()
        rate = scheduler.get_last_lr()[0]
        print(f"{epoch}: loss {total / len(loader):.3f}, lr {rate:.4f}, test {evaluate(model, x[1400:], y[1400:]):.3f}")


train(Config())
