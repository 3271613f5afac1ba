# bug: CosineAnnealingLR has T_max in epochs and is stepped after every batch: the rate swings up and down
# style: Trainer class with history, spirals
# codes: LR309
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 24


def spirals(count, seed):
    g = torch.Generator().manual_seed(seed)
    label = torch.arange(count) % 2
    radius = torch.rand(count, generator=g).sqrt()
    angle = radius * 9 + label * torch.pi
    points = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    return TensorDataset(points + 0.01 * torch.randn(count, 2, generator=g), label)


class Trainer:
    def __init__(self, model, train_data, valid_data):
        self.model = model
        self.train_loader = DataLoader(train_data, batch_size=40, shuffle=True)
        self.valid_loader = DataLoader(valid_data, batch_size=400)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
        self.scheduler = optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=EPOCHS)
        self.rates = []

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for x, y in self.train_loader:
            loss = self.loss(self.model(x), y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.scheduler.step()
            self.rates.append(self.scheduler.get_last_lr()[0])
            total += loss.item() * len(y)
        return total / len(self.train_loader.dataset)

    def accuracy(self):
        self.model.eval()
        with torch.no_grad():
            hits = sum((self.model(x).argmax(1) == y).sum().item() for x, y in self.valid_loader)
        return hits / len(self.valid_loader.dataset)

    def fit(self):
        for epoch in range(EPOCHS):
            loss = self.train_epoch()
            if epoch % 3 == 2:
                print(f"epoch {epoch + 1}: loss {loss:.3f}, accuracy {self.accuracy():.3f}, lr {self.rates[-1]:.4f}")


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 2))
trainer = Trainer(net, spirals(1000, 1), spirals(400, 2))
trainer.fit()
turns = sum(
    1 for a, b, c in zip(trainer.rates, trainer.rates[1:], trainer.rates[2:], strict=False) if (b - a) * (c - b) < 0
)
print(f"the rate changed direction {turns} times")
