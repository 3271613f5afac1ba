# style: contrastive pairs with in-batch negatives: the logits are batch x batch and the labels are arange
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Tower(nn.Module):
    def __init__(self, inputs, size=24):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, size))

    def forward(self, x):
        return F.normalize(self.net(x), dim=-1)


class TwoTowers(nn.Module):
    """Matches the upper half of a digit with its lower half."""

    def __init__(self):
        super().__init__()
        self.upper, self.lower = Tower(32), Tower(32)
        self.log_scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, upper, lower):
        return self.log_scale.exp().clamp(max=50) * self.upper(upper) @ self.lower(lower).T


def symmetric_loss(logits):
    own = torch.arange(len(logits))
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def found_in_top(model, upper, lower, k=10):
    model.eval()
    with torch.no_grad():
        best = model(upper, lower).topk(k, dim=1).indices
    return (best == torch.arange(len(upper)).unsqueeze(1)).any(dim=1).float().mean().item()


torch.manual_seed(0)
pixels = torch.tensor(load_digits().data, dtype=torch.float32) / 16 - 0.3
upper, lower = pixels[:, :32], pixels[:, 32:]
loader = DataLoader(TensorDataset(upper[:1536], lower[:1536]), batch_size=64, shuffle=True, drop_last=True)
model = TwoTowers()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
for epoch in range(12):
    model.train()
    total = 0.0
    for top, bottom in loader:
        loss = symmetric_loss(model(top, bottom))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 3 == 2:
        share = found_in_top(model, upper[1536:], lower[1536:])
        print(f"epoch {epoch}: loss {total / len(loader):.3f}, own half among the ten of 261 nearest {share:.3f}")
