# clean: cosine warm restarts stepped after every batch with the fraction of the epoch; the loss rises at each restart
import torch
from sklearn.datasets import make_moons
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts
from torch.utils.data import DataLoader, TensorDataset, random_split


class Network(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(-1)


class Snapshots:
    """Keeps the network of the end of each cycle, and lets them vote."""

    def __init__(self):
        self.states = []

    def take(self, model):
        self.states.append({name: value.clone() for name, value in model.state_dict().items()})

    @torch.no_grad()
    def vote(self, template, x):
        total = torch.zeros(len(x))
        for state in self.states:
            template.load_state_dict(state)
            total += torch.sigmoid(template(x))
        return total / len(self.states)


torch.manual_seed(0)
points, labels = make_moons(1200, noise=0.2, random_state=0)
data = TensorDataset(torch.tensor(points, dtype=torch.float32), torch.tensor(labels, dtype=torch.float32))
train_set, test_set = random_split(data, [900, 300])
loader = DataLoader(train_set, batch_size=45, shuffle=True)
test_points, test_labels = (torch.stack(part) for part in zip(*test_set, strict=True))

model = Network()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=3, T_mult=2)
snapshots = Snapshots()
for epoch in range(21):
    model.train()
    total = 0.0
    for i, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step(epoch + (i + 1) / len(loader))
        total += loss.item() * len(x)
    if epoch + 1 in {3, 9, 21}:
        model.eval()
        snapshots.take(model)
        with torch.no_grad():
            accuracy = ((model(test_points) > 0).float() == test_labels).float().mean().item()
        print(f"epoch {epoch + 1}: loss {total / len(train_set):.4f}, test accuracy {accuracy:.3f}")

voter = Network().eval()
votes = snapshots.vote(voter, test_points)
print(
    f"vote of {len(snapshots.states)}: test accuracy {((votes > 0.5).float() == test_labels).float().mean().item():.3f}"
)
