# bug: LSTM outputs of shape (time, batch, hidden) are flattened by reshape(batch, -1): samples get mixed
# style: researcher's gesture classifier, time-first recurrent net, Learner class with callbacks
# codes: LR514 LR709
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

STEPS, CHANNELS, GESTURES = 16, 3, 4


def gestures(n, seed):
    g = torch.Generator().manual_seed(seed)
    labels = torch.randint(GESTURES, (n,), generator=g)
    t = torch.linspace(0, 6.28, STEPS)
    speed = 0.8 + 0.4 * torch.rand(n, 1, generator=g)
    patterns = torch.stack(
        [torch.sin(t * speed), torch.cos(t * speed), torch.sin(2 * t * speed), torch.cos(2 * t * speed)], dim=1
    )
    main = patterns[torch.arange(n), labels]
    signal = torch.stack([main, main.roll(3, dims=1), -main], dim=-1)
    return TensorDataset(signal + 0.4 * torch.randn(signal.shape, generator=g), labels)


class GestureNet(nn.Module):
    def __init__(self, hidden=20):
        super().__init__()
        self.lstm = nn.LSTM(CHANNELS, hidden)
        self.classifier = nn.Sequential(nn.Linear(STEPS * hidden, 32), nn.ReLU(), nn.Linear(32, GESTURES))

    def forward(self, signal):
        batch = signal.size(0)
        out, _ = self.lstm(signal.transpose(0, 1))
        return self.classifier(out.reshape(batch, -1))


class History:
    def __init__(self):
        self.rows = []

    def on_epoch_end(self, epoch, loss, accuracy):
        self.rows.append((epoch, loss, accuracy))
        print(f"epoch {epoch}: loss {loss:.4f}, validation accuracy {accuracy:.3f}")


class Learner:
    def __init__(self, model, train_loader, val_loader, lr, callbacks):
        self.model, self.train_loader, self.val_loader = model, train_loader, val_loader
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.criterion = nn.CrossEntropyLoss()
        self.callbacks = callbacks

    def fit(self, epochs):
        for epoch in range(epochs):
            self.model.train()
            total = 0.0
            for signal, label in self.train_loader:
                self.optimizer.zero_grad()
                loss = self.criterion(self.model(signal), label)
                loss.backward()
                self.optimizer.step()
                total += loss.item() * len(label)
            for callback in self.callbacks:
                callback.on_epoch_end(epoch, total / len(self.train_loader.dataset), self.validate())

    @torch.inference_mode()
    def validate(self):
        self.model.eval()
        hits = 0
        for signal, label in self.val_loader:
            hits += (self.model(signal).argmax(1) == label).sum().item()
        return hits / len(self.val_loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(23)
    train_loader = DataLoader(gestures(640, seed=1), batch_size=32, shuffle=True)
    val_loader = DataLoader(gestures(200, seed=2), batch_size=50)
    Learner(GestureNet(), train_loader, val_loader, lr=3e-3, callbacks=[History()]).fit(epochs=8)
