# bug: the validation switches to eval() but records the graph of every batch
# style: Trainer class, CNN
# codes: LR206
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, model, train_loader, valid_loader):
        self.model, self.train_loader, self.valid_loader = model, train_loader, valid_loader
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    def train(self):
        self.model.train()
        for images, labels in self.train_loader:
            self.optimizer.zero_grad()
            self.criterion(self.model(images), labels).backward()
            self.optimizer.step()

    def validate(self):
        self.model.eval()
        loss, correct, count = 0.0, 0, 0
        for images, labels in self.valid_loader:
            scores = self.model(images)
            loss += self.criterion(scores, labels).item() * len(labels)
            correct += (scores.argmax(1) == labels).sum().item()
            count += len(labels)
        return loss / count, correct / count


torch.manual_seed(0)
digits = load_digits()
x = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
y = torch.tensor(digits.target)
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Dropout(0.1), nn.Flatten(), nn.Linear(288, 10))
trainer = Trainer(
    net,
    DataLoader(TensorDataset(x[:1400], y[:1400]), batch_size=70, shuffle=True),
    DataLoader(TensorDataset(x[1400:], y[1400:]), batch_size=100),
)
for epoch in range(3):
    trainer.train()
    loss, accuracy = trainer.validate()
    print(f"epoch {epoch}: loss {loss:.3f} accuracy {accuracy:.3f}")
