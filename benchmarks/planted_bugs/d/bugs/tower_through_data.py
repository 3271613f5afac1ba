# bug: the user tower's output is taken as .data, which cuts the gradient: the tower stays as it was initialised
# style: two-tower retrieval with in-batch negatives
# codes: LR605 LR704 LR112
import torch
import torch.nn.functional as F
from torch import nn


class Tower(nn.Module):
    def __init__(self, features, size=16, hidden=48):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, size))

    def forward(self, x):
        return F.normalize(self.net(x), dim=-1)


class TwoTower(nn.Module):
    def __init__(self, user_features, item_features):
        super().__init__()
        self.user_tower = Tower(user_features)
        self.item_tower = Tower(item_features)
        self.temperature = nn.Parameter(torch.tensor(0.1).log())

    def forward(self, users, items):
        user = self.user_tower(users).data
        item = self.item_tower(items)
        return user @ item.T / self.temperature.exp()


class Market:
    """Users click on items that lie near to their own hidden taste."""

    def __init__(self, seed):
        g = torch.Generator().manual_seed(seed)
        self.user_view = torch.randn(6, 20, generator=g)
        self.item_view = torch.randn(6, 30, generator=g)

    def clicks(self, count):
        taste = torch.randn(count, 6)
        items = taste + 0.3 * torch.randn(count, 6)
        return torch.tanh(taste @ self.user_view), torch.tanh(items @ self.item_view)


def recall(model, market, k=5):
    model.eval()
    users, items = market.clicks(300)
    with torch.no_grad():
        top = model(users, items).topk(k, dim=1).indices
    model.train()
    return (top == torch.arange(300).unsqueeze(1)).any(dim=1).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    market = Market(seed=1)
    model = TwoTower(20, 30)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for step in range(1, 601):
        users, items = market.clicks(64)
        scores = model(users, items)
        loss = F.cross_entropy(scores, torch.arange(len(users)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % 150 == 0:
            print(f"step {step}: loss {sum(losses[-100:]) / 100:.4f}, recall@5 {recall(model, market):.3f}")
