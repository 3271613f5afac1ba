# style: student after a blog post, mixture density network; its likelihood may be above 1, so the loss falls below 0
import math

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(4)


class MDN(nn.Module):
    def __init__(self, n_hidden=48, n_gaussians=4):
        super().__init__()
        self.z_h = nn.Sequential(nn.Linear(1, n_hidden), nn.Tanh(), nn.Linear(n_hidden, n_hidden), nn.Tanh())
        self.z_pi = nn.Linear(n_hidden, n_gaussians)
        self.z_mu = nn.Linear(n_hidden, n_gaussians)
        self.z_sigma = nn.Linear(n_hidden, n_gaussians)
        nn.init.uniform_(self.z_mu.bias, -1, 1)

    def forward(self, x):
        h = self.z_h(x)
        log_pi = torch.log_softmax(self.z_pi(h), dim=-1)
        return log_pi, self.z_mu(h), nn.functional.softplus(self.z_sigma(h)) + 1e-2


def mdn_loss(log_pi, mu, sigma, y):
    z = (y - mu) / sigma  # (N, 1) against (N, K): the density of y under each of the K Gaussians
    log_density = -0.5 * z.pow(2) - sigma.log() - 0.5 * math.log(2 * math.pi)
    return -torch.logsumexp(log_pi + log_density, dim=-1).mean()


def two_armed(n):
    """Two branches: y is about +f(x) or -f(x)."""
    x = torch.rand(n, 1) * 2 - 1
    branch = torch.where(torch.rand(n, 1) < 0.5, 1.0, -1.0)
    y = branch * (0.4 + 0.3 * torch.cos(3 * x)) + 0.02 * torch.randn(n, 1)
    return x, y


x_train, y_train = two_armed(1280)
x_test, y_test = two_armed(400)
train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)

network = MDN()
optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.85)

for epoch in range(16):
    network.train()
    running = 0.0
    for x, y in train_loader:
        loss = mdn_loss(*network(x), y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        running += loss.item() * len(x)
    scheduler.step()
    if epoch % 3 == 0:
        network.eval()
        with torch.no_grad():
            test_loss = mdn_loss(*network(x_test), y_test).item()
        print(f"epoch {epoch:2d}: train {running / len(x_train):.4f}, test {test_loss:.4f}")

with torch.no_grad():
    log_pi, mu, sigma = network(x_test)
    heaviest = log_pi.topk(2, dim=1).indices
    nearest = (mu.gather(1, heaviest) - y_test).abs().min(dim=1).values
print(f"mean distance to the nearer of the two heaviest components: {nearest.mean():.3f}")
