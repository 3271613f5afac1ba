# bug: the learning rate scheduler is built and never stepped
# style: Trainer class
# codes: LR309
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset, random_split


class Trainer:
    def __init__(self, model, train_loader, valid_loader, lr=0.1):
        self.model = model
        self.train_loader = train_loader
        self.valid_loader = valid_loader
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        self.scheduler = StepLR(self.optimizer, step_size=3, gamma=0.1)

    def train_epoch(self):
        self.model.train()
        for x, y in self.train_loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        correct = sum((self.model(x).argmax(1) == y).sum().item() for x, y in self.valid_loader)
        return correct / len(self.valid_loader.dataset)

    def fit(self, epochs):
        for epoch in range(epochs):
            loss = self.train_epoch()
            accuracy = self.validate()
            lr = self.optimizer.param_groups[0]["lr"]
            print(f"epoch {epoch} lr {lr:.4f} loss {loss:.3f} valid accuracy {accuracy:.3f}")


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y))
train_part, valid_part = random_split(data, [1500, 297])
trainer = Trainer(
    nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)),
    DataLoader(train_part, batch_size=50, shuffle=True),
    DataLoader(valid_part, batch_size=99),
)
trainer.fit(8)
