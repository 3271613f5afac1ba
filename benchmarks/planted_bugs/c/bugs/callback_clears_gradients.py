# bug: a callback that logs gradient norms "cleans up" after the backward: zero_grad between backward and step
# style: Trainer class with callbacks
# codes: LR302 LR704 LR705
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Callback:
    def on_backward_end(self, trainer):
        pass

    def on_epoch_end(self, trainer, epoch, loss):
        pass


class GradientNorms(Callback):
    def __init__(self):
        self.norms = []

    def on_backward_end(self, trainer):
        self.norms.append(sum(p.grad.norm().item() for p in trainer.model.parameters()))
        trainer.optimizer.zero_grad()


class Progress(Callback):
    def on_epoch_end(self, trainer, epoch, loss):
        print(f"epoch {epoch}: loss {loss:.3f}, accuracy on held-out digits {trainer.accuracy():.3f}")


class Trainer:
    def __init__(self, model, train, valid, callbacks=()):
        self.model, self.train, self.valid, self.callbacks = model, train, valid, callbacks
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.0)

    def call(self, event, *values):
        for callback in self.callbacks:
            getattr(callback, event)(self, *values)

    def training_step(self, inputs, labels):
        loss = self.criterion(self.model(inputs), labels)
        loss.backward()
        self.call("on_backward_end")
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.item()

    def fit(self, epochs):
        for epoch in range(epochs):
            self.model.train()
            total = sum(self.training_step(*batch) * len(batch[1]) for batch in self.train)
            self.call("on_epoch_end", epoch, total / len(self.train.dataset))

    @torch.no_grad()
    def accuracy(self):
        self.model.eval()
        return sum((self.model(x).argmax(1) == y).sum().item() for x, y in self.valid) / len(self.valid.dataset)


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
train = DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=40, shuffle=True)
valid = DataLoader(TensorDataset(X[1400:], y[1400:]), batch_size=100)
network = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 10))
Trainer(network, train, valid, [GradientNorms(), Progress()]).fit(4)
