# bug: raw scores are clamped into (0, 1) instead of going through a sigmoid
# style: binary classifier class
# codes: LR105, LR107
import torch
from sklearn.datasets import make_moons
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        score = self.head(self.body(x)).squeeze(-1)
        return torch.clamp(score, 1e-6, 1 - 1e-6)


torch.manual_seed(0)
points, classes = make_moons(1000, noise=0.15, random_state=0)
dataset = TensorDataset(torch.tensor(points).float(), torch.tensor(classes).float())
loader = DataLoader(dataset, batch_size=40, shuffle=True)
model = Scorer()
bce = nn.BCELoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(10):
    losses = []
    for x, t in loader:
        p = model(x)
        loss = bce(p, t)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"{epoch:2d} {sum(losses) / len(losses):.4f}")
