# bug: the trainer's inner loop calls backward and step but never zero_grad: gradients of all batches add up
# style: Lightning-like own base class (training_step, validation_step, configure_optimizers) and a minimal Trainer
# codes: LR301 LR708
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class LitModule(nn.Module):
    def __init__(self):
        super().__init__()
        self.logged = {}

    def log(self, name, value):
        self.logged.setdefault(name, []).append(float(value))

    def flush(self):
        means = {name: sum(values) / len(values) for name, values in self.logged.items()}
        self.logged = {}
        return means

    def training_step(self, batch, batch_idx):
        raise NotImplementedError

    def validation_step(self, batch, batch_idx):
        raise NotImplementedError

    def configure_optimizers(self):
        raise NotImplementedError


class MiniTrainer:
    def __init__(self, max_epochs):
        self.max_epochs = max_epochs

    def fit(self, module, train_loader, val_loader):
        optimizer = module.configure_optimizers()
        for epoch in range(self.max_epochs):
            module.train()
            for batch_idx, batch in enumerate(train_loader):
                loss = module.training_step(batch, batch_idx)
                loss.backward()
                optimizer.step()
            module.eval()
            with torch.no_grad():
                for batch_idx, batch in enumerate(val_loader):
                    module.validation_step(batch, batch_idx)
            print(f"epoch {epoch}:", ", ".join(f"{k}={v:.4f}" for k, v in module.flush().items()))


class LitDigits(LitModule):
    def __init__(self, hidden=64, lr=0.2):
        super().__init__()
        self.lr = lr
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(64, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU()
        )
        self.classifier = nn.Linear(hidden, 10)

    def forward(self, x):
        return self.classifier(self.encoder(x))

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train_loss", loss.detach())
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.log("val_loss", F.cross_entropy(logits, y))
        self.log("val_acc", (logits.argmax(dim=-1) == y).float().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.lr)


def main():
    torch.manual_seed(8)
    digits = load_digits()
    data = TensorDataset(torch.tensor(digits.images, dtype=torch.float32) / 16, torch.tensor(digits.target))
    train, val = random_split(data, [1497, 300])
    trainer = MiniTrainer(max_epochs=15)
    trainer.fit(LitDigits(), DataLoader(train, batch_size=64, shuffle=True), DataLoader(val, batch_size=100))


if __name__ == "__main__":
    main()
