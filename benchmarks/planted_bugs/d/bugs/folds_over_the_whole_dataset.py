# bug: with a SubsetRandomSampler for each fold, the hits are divided by len(loader.dataset), which counts all folds
# style: cross-validation with samplers
# codes: LR224 LR203
import numpy as np
import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import StratifiedKFold
from torch import nn
from torch.utils.data import DataLoader, SubsetRandomSampler, TensorDataset


def make_model():
    return nn.Sequential(nn.BatchNorm1d(13), nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))


def train(model, loader, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()


def test(model, loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(dim=1) == y).sum().item()
    return correct / len(loader.dataset)


def main():
    torch.manual_seed(0)
    x, y = load_wine(return_X_y=True)
    dataset = TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y))
    scores = []
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    for fold, (train_index, test_index) in enumerate(folds.split(x, y)):
        train_loader = DataLoader(dataset, batch_size=18, sampler=SubsetRandomSampler(train_index), drop_last=True)
        test_loader = DataLoader(dataset, batch_size=36, sampler=SubsetRandomSampler(test_index))
        model = make_model()
        train(model, train_loader, epochs=15)
        score = test(model, test_loader)
        scores.append(score)
        print(f"fold {fold + 1}: accuracy {score:.3f}")
    print(f"mean accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f}")


if __name__ == "__main__":
    main()
