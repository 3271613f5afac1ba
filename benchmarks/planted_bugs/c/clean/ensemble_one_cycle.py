# style: ensemble, one optimizer and one OneCycleLR per member, stepped at every batch; probabilities are averaged
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset

EPOCHS, MEMBERS = 5, 3


class Member:
    def __init__(self, width, batches):
        self.net = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.02, momentum=0.9)
        self.scheduler = OneCycleLR(self.optimizer, max_lr=0.2, total_steps=EPOCHS * batches)

    def learn(self, x, y):
        self.net.train()
        loss = nn.functional.cross_entropy(self.net(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        return loss.item()

    @torch.no_grad()
    def probabilities(self, x):
        self.net.eval()
        return self.net(x).softmax(dim=-1)


def vote(members, x):
    return torch.stack([m.probabilities(x) for m in members]).mean(dim=0).argmax(dim=-1)


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
loader = DataLoader(TensorDataset(X[:1408], y[:1408]), batch_size=64, shuffle=True)
members = [Member(width, len(loader)) for width in (24, 32, 48)]
for epoch in range(EPOCHS):
    losses = [0.0] * MEMBERS
    for x, labels in loader:
        for i, member in enumerate(members):
            losses[i] += member.learn(x, labels)
    right = (vote(members, X[1408:]) == y[1408:]).float().mean().item()
    print(f"epoch {epoch}: losses {[round(v / len(loader), 3) for v in losses]}, ensemble {right:.3f}")
