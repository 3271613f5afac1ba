# bug: squeeze() also drops the batch dimension of the last batch of one, whose len() then counts classes
# style: CNN with global pooling, batch sizes that do not divide
# codes: LR522 LR203
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset


class PooledNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d(1),
        )
        self.scores = nn.Linear(32, 10)

    def forward(self, x):
        return self.scores(self.convolutions(x).squeeze())


def evaluate(model, loader):
    model.eval()
    correct, count = 0, 0
    with torch.no_grad():
        for x, y in loader:
            scores = model(x)
            correct += (scores.argmax(dim=-1) == y).sum().item()
            count += len(scores)
    return correct / count


torch.manual_seed(0)
digits = load_digits()
everything = TensorDataset(torch.tensor(digits.images / 16).float().unsqueeze(1), torch.tensor(digits.target))
train_set, valid_set = Subset(everything, range(1440)), Subset(everything, range(1440, 1569))
train_loader = DataLoader(train_set, batch_size=48, shuffle=True, drop_last=True)
valid_loader = DataLoader(valid_set, batch_size=16)
model = PooledNet()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    model.train()
    total = 0.0
    for x, y in train_loader:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: loss {total / len(train_loader):.3f}, validation {evaluate(model, valid_loader):.3f}")
