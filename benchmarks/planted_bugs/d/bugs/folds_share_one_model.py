# bug: the model is made once before the folds, so that from the second fold on it was trained on its test samples
# style: k-fold cross-validation by hand
# codes: LR713 LR511
import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

FOLDS = 4
EPOCHS = 25


def dataset():
    x, y = make_classification(
        400, n_features=30, n_informative=5, n_redundant=2, n_classes=2, flip_y=0.25, class_sep=0.7, random_state=5
    )
    return TensorDataset(torch.tensor(x).float(), torch.tensor(y))


def fold_indices(count, folds):
    order = torch.randperm(count)
    parts = order.chunk(folds)
    for i in range(folds):
        training = torch.cat([parts[j] for j in range(folds) if j != i])
        yield training.tolist(), parts[i].tolist()


def train(model, loader, epochs):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()


def evaluate(model, loader):
    model.eval()
    hits = count = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (model(x).argmax(1) == y).sum().item()
            count += len(y)
    return hits / count


torch.manual_seed(0)
data = dataset()
model = nn.Sequential(nn.Linear(30, 128), nn.ReLU(), nn.Linear(128, 2))
results = []
for fold, (train_ids, test_ids) in enumerate(fold_indices(len(data), FOLDS)):
    train_loader = DataLoader(Subset(data, train_ids), batch_size=25, shuffle=True)
    test_loader = DataLoader(Subset(data, test_ids), batch_size=100)
    train(model, train_loader, EPOCHS)
    results.append(evaluate(model, test_loader))
    print(f"fold {fold + 1}: accuracy {results[-1]:.3f}")
print(f"cross-validated accuracy {sum(results) / FOLDS:.3f}")
