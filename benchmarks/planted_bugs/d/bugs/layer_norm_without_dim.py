# bug: the hand-written layer normalisation takes mean and deviation over the whole batch instead of each sample
# style: own normalisation module, samples of very different scale
# codes: LR709
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class LayerNorm(nn.Module):
    def __init__(self, size, eps=1e-5):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size))
        self.eps = eps

    def forward(self, x):
        x = (x - x.mean()) / (x.std() + self.eps)
        return x * self.gain + self.bias


class Classifier(nn.Module):
    def __init__(self, features=64, hidden=48, classes=10):
        super().__init__()
        self.norm1 = LayerNorm(features)
        self.fc1 = nn.Linear(features, hidden)
        self.norm2 = LayerNorm(hidden)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, x):
        x = torch.relu(self.fc1(self.norm1(x)))
        return self.fc2(self.norm2(x))


def dataset():
    """Digits under very different illumination."""
    digits = load_digits()
    light = torch.exp(2.5 * torch.randn(len(digits.target), 1))
    return TensorDataset(torch.tensor(digits.data / 16, dtype=torch.float32) * light, torch.tensor(digits.target))


torch.manual_seed(0)
train_set, test_set = random_split(dataset(), [1400, 397])
train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
model = Classifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    model.train()
    running = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1}: loss {running / len(train_set):.4f}")

model.eval()
for size in (397, 50, 1):
    hits = 0
    with torch.no_grad():
        for x, y in DataLoader(test_set, batch_size=size):
            hits += (model(x).argmax(1) == y).sum().item()
    print(f"test accuracy in batches of {size}: {hits / len(test_set):.3f}")
