# clean: a normalising flow: negative log-likelihood of a narrow density, rightly below zero
import math

import torch
from torch import nn


class Coupling(nn.Module):
    def __init__(self, flip, hidden=32):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(
            nn.Linear(1, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2)
        )
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def parts(self, x):
        a, b = x.chunk(2, dim=1)
        return (b, a) if self.flip else (a, b)

    def join(self, kept, changed):
        return torch.cat([changed, kept] if self.flip else [kept, changed], dim=1)

    def forward(self, x):
        kept, changed = self.parts(x)
        log_scale, shift = self.net(kept).chunk(2, dim=1)
        log_scale = 2 * torch.tanh(log_scale)
        return self.join(kept, changed * log_scale.exp() + shift), log_scale.squeeze(1)

    def inverse(self, z):
        kept, changed = self.parts(z)
        log_scale, shift = self.net(kept).chunk(2, dim=1)
        return self.join(kept, (changed - shift) * torch.exp(-2 * torch.tanh(log_scale)))


class Flow(nn.Module):
    def __init__(self, layers=6):
        super().__init__()
        self.layers = nn.ModuleList(Coupling(flip=bool(i % 2)) for i in range(layers))

    def log_prob(self, x):
        volume = torch.zeros(len(x))
        for layer in self.layers:
            x, log_scale = layer(x)
            volume = volume + log_scale
        return volume - 0.5 * x.pow(2).sum(dim=1) - math.log(2 * math.pi)

    @torch.no_grad()
    def sample(self, count):
        z = torch.randn(count, 2)
        for layer in reversed(self.layers):
            z = layer.inverse(z)
        return z


def arc(count):
    angle = torch.rand(count) * math.pi
    radius = 0.8 + 0.03 * torch.randn(count)
    return torch.stack([radius * angle.cos(), radius * angle.sin() - 0.4], dim=1)


torch.manual_seed(0)
flow = Flow()
optimizer = torch.optim.Adam(flow.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=600)
for step in range(1, 601):
    loss = -flow.log_prob(arc(200)).mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
    optimizer.step()
    scheduler.step()
    if step % 150 == 0:
        print(f"step {step}: negative log-likelihood {loss.item():.4f}")
flow.eval()
samples = flow.sample(1000)
radius = (samples + torch.tensor([0.0, 0.4])).norm(dim=1)
print(
    f"radius of the samples {radius.median().item():.3f} (0.800), deviation {(radius - 0.8).abs().median().item():.3f} (0.020)"
)
