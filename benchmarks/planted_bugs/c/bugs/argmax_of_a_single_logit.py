# bug: argmax over the only column is always 0: the accuracy is the share of zeros and never moves
# style: GNN by hand on small graphs, normalised adjacency
# codes: LR210
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)


class RandomGraphs(Dataset):
    """Label 1: a graph whose two halves are linked to each other more than inside."""

    def __init__(self, count, nodes=12):
        half = torch.arange(nodes) < nodes // 2
        across = half[:, None] != half[None, :]
        self.items = []
        for _ in range(count):
            label = torch.randint(2, (1,)).float()
            chance = torch.where(across, 0.15 + 0.35 * label, 0.5 - 0.35 * label)
            edges = (torch.rand(nodes, nodes) < chance).triu(1).float()
            adjacency = edges + edges.T + torch.eye(nodes)
            degree = adjacency.sum(1).rsqrt()
            features = torch.stack((half.float(), 1 - half.float(), torch.ones(nodes)), 1)
            self.items.append((degree[:, None] * adjacency * degree[None, :], features, label))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


class GraphNet(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.first, self.second = nn.Linear(3, width), nn.Linear(width, width)
        self.readout = nn.Linear(width, 1)

    def forward(self, adjacency, features):
        h = torch.relu(adjacency @ self.first(features))
        h = torch.relu(adjacency @ self.second(h))
        return self.readout(h.mean(dim=1))


def correct_predictions(logits, labels):
    return (logits.argmax(dim=1) == labels[:, 0]).sum().item()


train_loader = DataLoader(RandomGraphs(600), batch_size=30, shuffle=True)
test_loader = DataLoader(RandomGraphs(200), batch_size=50)
model = GraphNet()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(6):
    model.train()
    total = 0.0
    for adjacency, features, label in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(adjacency, features), label)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        right = sum(correct_predictions(model(a, f), y) for a, f, y in test_loader)
    print(f"epoch {epoch}: loss {total / len(train_loader):.3f}, test accuracy {right / len(test_loader.dataset):.3f}")
