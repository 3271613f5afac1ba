# bug: `[block] * depth` repeats one and the same block: depth changes nothing about the number of parameters
# style: residual blocks, factory function, cosine schedule
# codes: LR423
import torch
from sklearn.datasets import make_moons
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))

    def forward(self, x):
        return x + self.inner(x)


def make_network(inputs, width, depth, classes):
    blocks = [ResidualBlock(width)] * depth
    return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), *blocks, nn.LayerNorm(width), nn.Linear(width, classes))


def parameters_of(network):
    return sum(p.numel() for p in network.parameters())


def share_correct(network, data):
    network.eval()
    points, sides = data.tensors
    with torch.no_grad():
        return (network(points).argmax(1) == sides).float().mean().item()


torch.manual_seed(0)
points, sides = make_moons(1200, noise=0.2, random_state=0)
points = torch.tensor((points - points[:900].mean(0)) / points[:900].std(0), dtype=torch.float32)
sides = torch.tensor(sides)
train, test = TensorDataset(points[:900], sides[:900]), TensorDataset(points[900:], sides[900:])
network = make_network(2, 16, depth=4, classes=2)
print("parameters:", parameters_of(network))
EPOCHS = 8
loader = DataLoader(train, batch_size=60, shuffle=True)
optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)
for epoch in range(EPOCHS):
    network.train()
    total = 0.0
    for x, y in loader:
        loss = nn.functional.cross_entropy(network(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    schedule.step()
    print(f"epoch {epoch}: loss {total / len(loader):.3f}, test {share_correct(network, test):.3f}")
