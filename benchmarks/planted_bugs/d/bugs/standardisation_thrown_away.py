# bug: the result of features.sub(mean).div(std) is not assigned: the raw features go into the network
# style: wine data, normalisation inside of a prepare() function
# codes: LR422 LR712
import torch
from sklearn.datasets import load_wine
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def prepare(seed):
    wine = load_wine()
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(wine.target), generator=generator)
    features = torch.tensor(wine.data, dtype=torch.float32)[order]
    labels = torch.tensor(wine.target)[order]
    mean = features[:120].mean(dim=0)
    std = features[:120].std(dim=0)
    features.sub(mean).div(std)
    return TensorDataset(features[:120], labels[:120]), TensorDataset(features[120:], labels[120:])


class WineNet(nn.Module):
    def __init__(self, features=13, hidden=20, classes=3):
        super().__init__()
        self.first = nn.Linear(features, hidden)
        self.second = nn.Linear(hidden, classes)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.second(self.act(self.first(x)))


def train(model, data, epochs, lr):
    loader = DataLoader(data, batch_size=20, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for epoch in range(1, epochs + 1):
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        if epoch % 10 == 0:
            print(f"epoch {epoch}: loss {total / len(data):.4f}")


def test(model, data):
    x, y = data.tensors
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(1)
    train_data, test_data = prepare(seed=0)
    model = WineNet()
    train(model, train_data, epochs=40, lr=0.05)
    print(f"test accuracy {test(model, test_data):.3f}")
