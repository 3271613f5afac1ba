# bug: the latent queries are an initialised tensor with requires_grad, but no nn.Parameter: never updated
# style: researcher's Perceiver-like set model (learned latent queries read a set of points), Experiment class
# codes: LR405 LR307
import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LatentReader(nn.Module):
    """A few learned queries attend to a set of points; the answers are pooled into one prediction."""

    def __init__(self, dim_in, dim=24, queries=4):
        super().__init__()
        self.scale = 1 / math.sqrt(dim)
        self.queries = nn.init.trunc_normal_(torch.empty(queries, dim, requires_grad=True), std=0.02)
        self.keys = nn.Sequential(nn.Linear(dim_in, dim), nn.ReLU(), nn.Linear(dim, dim))
        self.values = nn.Sequential(nn.Linear(dim_in, dim), nn.ReLU(), nn.Linear(dim, dim))
        self.head = nn.Sequential(nn.Linear(queries * dim, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, points):
        scores = self.queries @ self.keys(points).transpose(1, 2) * self.scale
        read = scores.softmax(dim=-1) @ self.values(points)
        return self.head(read.flatten(1)).squeeze(-1)


class Experiment:
    def __init__(self, seed=0):
        torch.manual_seed(seed)
        self.model = LatentReader(dim_in=3)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=3e-3)
        self.train_loader = DataLoader(self.make_sets(960), batch_size=32, shuffle=True)
        self.test_loader = DataLoader(self.make_sets(320), batch_size=160)

    @staticmethod
    def make_sets(n, size=12):
        """The target is the value of the point that is farthest from the origin."""
        points = torch.randn(n, size, 3)
        farthest = points[..., :2].norm(dim=-1).argmax(dim=1)
        return TensorDataset(points, points[torch.arange(n), farthest, 2])

    def run(self, epochs=10):
        count = sum(p.numel() for p in self.model.parameters())
        print(f"{count} trainable parameters")
        for epoch in range(epochs):
            self.model.train()
            total = 0.0
            for points, target in self.train_loader:
                self.optimizer.zero_grad()
                loss = nn.functional.mse_loss(self.model(points), target)
                loss.backward()
                self.optimizer.step()
                total += loss.item() * len(points)
            print(f"epoch {epoch}: train {total / len(self.train_loader.dataset):.4f}, test {self.test():.4f}")

    @torch.no_grad()
    def test(self):
        self.model.eval()
        total = 0.0
        for points, target in self.test_loader:
            total += nn.functional.mse_loss(self.model(points), target, reduction="sum").item()
        return total / len(self.test_loader.dataset)


if __name__ == "__main__":
    Experiment().run()
