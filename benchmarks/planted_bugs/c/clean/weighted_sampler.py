# style: WeightedRandomSampler and a subset; every mean is divided by the number of samples seen
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Subset, SubsetRandomSampler, TensorDataset, WeightedRandomSampler


@dataclass
class Running:
    loss: float = 0.0
    correct: int = 0
    seen: int = 0

    def add(self, loss, scores, labels):
        self.loss += loss.item() * len(labels)
        self.correct += (scores.argmax(1) == labels).sum().item()
        self.seen += len(labels)

    def result(self):
        return f"loss {self.loss / self.seen:.3f}, accuracy {self.correct / self.seen:.3f}"


def epoch(model, loader, optimizer=None):
    training = optimizer is not None
    model.train(training)
    running = Running()
    with torch.set_grad_enabled(training):
        for x, y in loader:
            scores = model(x)
            loss = nn.functional.cross_entropy(scores, y)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            running.add(loss, scores, y)
    return running.result()


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y))
order = torch.randperm(len(data))
labels = data.tensors[1]
train_indices = [i for i in order[:1400].tolist() if labels[i] < 7 or torch.rand(()) < 0.3]
train = Subset(data, train_indices)
train_labels = labels[train_indices]
weights = 1.0 / torch.bincount(train_labels).float()[train_labels]
train_loader = DataLoader(train, 40, sampler=WeightedRandomSampler(weights, num_samples=800))
valid_loader = DataLoader(data, 64, sampler=SubsetRandomSampler(order[1400:].tolist()))
model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for number in range(6):
    print(number, "train", epoch(model, train_loader, optimizer), "| valid", epoch(model, valid_loader))
