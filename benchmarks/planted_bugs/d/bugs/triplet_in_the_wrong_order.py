# bug: the triplet loss is called with (anchor, negative, positive): classes are pulled together and spread inside
# style: triplet network on digits with its own Dataset
# codes: LR111
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Triplets(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y
        self.of_class = [torch.nonzero(y == c).flatten() for c in range(10)]

    def __len__(self):
        return len(self.y)

    def pick(self, label):
        candidates = self.of_class[label]
        return self.x[candidates[torch.randint(len(candidates), ())]]

    def __getitem__(self, i):
        label = self.y[i].item()
        other = (label + torch.randint(1, 10, ()).item()) % 10
        return self.x[i], self.pick(label), self.pick(other)


class EmbeddingNet(nn.Module):
    def __init__(self, size=8):
        super().__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, size)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return nn.functional.normalize(self.fc2(x), dim=1)


def nearest_mean_accuracy(net, x_train, y_train, x_test, y_test):
    net.eval()
    with torch.no_grad():
        train, test = net(x_train), net(x_test)
        means = torch.stack([train[y_train == c].mean(dim=0) for c in range(10)])
        return (torch.cdist(test, means).argmin(dim=1) == y_test).float().mean().item()


torch.manual_seed(0)
data = load_digits()
order = torch.randperm(len(data.target))
x = torch.tensor(data.data, dtype=torch.float32)[order] / 16
y = torch.tensor(data.target)[order]
loader = DataLoader(Triplets(x[:1300], y[:1300]), batch_size=50, shuffle=True)
net = EmbeddingNet()
criterion = nn.TripletMarginLoss(margin=0.5)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    net.train()
    total = 0.0
    for anchor, positive, negative in loader:
        optimizer.zero_grad()
        loss = criterion(net(anchor), net(negative), net(positive))
        loss.backward()
        optimizer.step()
        total += loss.item() * len(anchor)
    score = nearest_mean_accuracy(net, x[:1300], y[:1300], x[1300:], y[1300:])
    print(f"epoch {epoch + 1}: loss {total / 1300:.4f}, nearest mean accuracy {score:.3f}")
