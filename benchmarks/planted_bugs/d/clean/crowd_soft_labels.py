# clean: targets are the vote shares of several annotators, given to cross_entropy as probabilities
import torch
import torch.nn.functional as F
from sklearn.datasets import make_blobs
from torch import nn
from torch.utils.data import DataLoader, Dataset

CLASSES, VOTES = 4, 5


class Crowd(Dataset):
    """Points, the votes of five annotators who err, and the true class for the evaluation only."""

    def __init__(self, points, classes, generator):
        self.points = torch.tensor(points, dtype=torch.float32)
        self.classes = torch.tensor(classes)
        votes = self.classes.unsqueeze(1).repeat(1, VOTES)
        wrong = torch.rand(votes.shape, generator=generator) < 0.35
        votes[wrong] = torch.randint(CLASSES, (int(wrong.sum()),), generator=generator)
        self.shares = F.one_hot(votes, CLASSES).float().mean(dim=1)

    def __len__(self):
        return len(self.classes)

    def __getitem__(self, i):
        return self.points[i], self.shares[i], self.classes[i]


def train(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    for epoch in range(epochs):
        model.train()
        total = floor = 0.0
        for points, shares, _ in loader:
            loss = F.cross_entropy(model(points), shares)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(points)
            floor += torch.special.entr(shares).sum().item()
        if epoch % 4 == 3:
            n = len(loader.dataset)
            print(f"epoch {epoch + 1}: loss {total / n:.4f}, entropy of the votes {floor / n:.4f}")


def accuracy(model, loader):
    model.eval()
    hits = 0
    with torch.no_grad():
        for points, _, classes in loader:
            hits += model(points).softmax(dim=1).argmax(dim=1).eq(classes).sum().item()
    return hits / len(loader.dataset)


if __name__ == "__main__":
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    points, classes = make_blobs(1600, centers=CLASSES, cluster_std=1.6, center_box=(-5, 5), random_state=3)
    points = (points - points[:1200].mean(0)) / points[:1200].std(0)
    train_loader = DataLoader(Crowd(points[:1200], classes[:1200], generator), batch_size=60, shuffle=True)
    test_loader = DataLoader(Crowd(points[1200:], classes[1200:], generator), batch_size=400)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, CLASSES))
    train(model, train_loader, epochs=12)
    print(f"test accuracy {accuracy(model, test_loader):.3f}")
