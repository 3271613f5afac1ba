# bug: losses multiplied by the batch size are divided by the number of batches: the printed loss is a batch size too large
# style: regression of a synthetic surface with a Trainer class
# codes: LR204
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def surface(count, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.rand(count, 2, generator=g) * 2 - 1
    y = torch.sin(3 * x[:, 0]) * torch.cos(2 * x[:, 1]) + 0.05 * torch.randn(count, generator=g)
    return TensorDataset(x, y.unsqueeze(1))


class Regressor(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, 1)
        )

    def forward(self, x):
        return self.net(x)


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.criterion = nn.MSELoss()

    def train_epoch(self, loader):
        self.model.train()
        epoch_loss = 0.0
        for inputs, targets in loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(inputs), targets)
            loss.backward()
            self.optimizer.step()
            epoch_loss += loss.item() * inputs.size(0)
        return epoch_loss / len(loader)

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        total = 0.0
        for inputs, targets in loader:
            total += self.criterion(self.model(inputs), targets).item() * inputs.size(0)
        return total / len(loader.dataset)


def main():
    torch.manual_seed(0)
    trainer = Trainer(Regressor(32), lr=3e-3)
    train_loader = DataLoader(surface(1000, 1), batch_size=40, shuffle=True)
    val_loader = DataLoader(surface(300, 2), batch_size=100)
    for epoch in range(1, 21):
        train_loss = trainer.train_epoch(train_loader)
        if epoch % 4 == 0:
            print(f"epoch {epoch}: train {train_loss:.4f} validation {trainer.evaluate(val_loader):.4f}")


if __name__ == "__main__":
    main()
