# bug: the Dataset stores split but always keeps all rows: the test set consists of training samples
# style: own Dataset class with split argument, noisy labels, big network, train/test report
# codes: LR713 LR511
import numpy as np
import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, Dataset


class SensorDataset(Dataset):
    """Readings of 24 sensors with the state of the machine; 80 % of the rows for training, 20 % for testing."""

    def __init__(self, split="train", seed=0):
        assert split in ("train", "test")
        self.split = split
        features, states = make_classification(
            1500, 24, n_informative=6, n_redundant=4, n_classes=3, flip_y=0.2, random_state=seed
        )
        order = np.random.default_rng(seed).permutation(len(states))
        n_train = int(0.8 * len(order))
        self.indices = {"train": order[:n_train], "test": order[n_train:]}
        self.features = torch.tensor(features, dtype=torch.float32)
        self.states = torch.tensor(states)

    def __len__(self):
        return len(self.states)

    def __getitem__(self, index):
        return self.features[index], self.states[index]


class StateClassifier(nn.Module):
    def __init__(self, in_features=24, width=256, n_states=3):
        super().__init__()
        self.fc1 = nn.Linear(in_features, width)
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, n_states)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


def train(model, loader, loss_fn, optimizer):
    model.train()
    total = 0.0
    for features, states in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(features), states)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(states)
    return total / len(loader.dataset)


def test(model, loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for features, states in loader:
            correct += (model(features).argmax(dim=1) == states).sum().item()
    return correct / len(loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(0)
    train_loader = DataLoader(SensorDataset("train"), batch_size=64, shuffle=True)
    test_loader = DataLoader(SensorDataset("test"), batch_size=128)
    model = StateClassifier()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, 21):
        train_loss = train(model, train_loader, loss_fn, optimizer)
        if epoch % 4 == 0:
            print(f"epoch {epoch:2d}  train loss {train_loss:.4f}  test accuracy {test(model, test_loader):.4f}")
