# bug: the rare class is copied before the split: rows of the test set are also in the training set
# style: imbalanced binary problem, random_split, recall of the rare class
# codes: LR713
import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


def imbalanced(seed):
    X, y = make_classification(
        1200, 20, n_informative=4, n_redundant=0, weights=[0.93], flip_y=0.05, class_sep=0.6, random_state=seed
    )
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def oversample(X, y, times):
    rare = X[y == 1].repeat(times, 1)
    return torch.cat((X, rare)), torch.cat((y, torch.ones(len(rare))))


def recall(model, loader):
    model.eval()
    found = present = 0
    with torch.no_grad():
        for inputs, labels in loader:
            flagged = model(inputs).squeeze(1) > 0
            found += (flagged & (labels == 1)).sum().item()
            present += (labels == 1).sum().item()
    return found / present


torch.manual_seed(0)
X, y = oversample(*imbalanced(0), times=6)
data = TensorDataset(X, y)
cut = int(0.75 * len(data))
train_set, test_set = random_split(data, [cut, len(data) - cut])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
test_loader = DataLoader(test_set, batch_size=128)
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    model.train()
    for inputs, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs).squeeze(1), labels)
        loss.backward()
        optimizer.step()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1}: recall of the rare class on the test set {recall(model, test_loader):.3f}")
