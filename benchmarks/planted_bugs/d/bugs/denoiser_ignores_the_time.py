# bug: the diffusion model's forward takes the time step and never uses it
# style: DDPM on two-dimensional points
# codes: LR424
import math

import torch
from torch import nn

STEPS = 50
betas = torch.linspace(1e-3, 0.15, STEPS)
alphas = 1 - betas
alpha_bars = alphas.cumprod(0)


class Denoiser(nn.Module):
    def __init__(self, hidden=96):
        super().__init__()
        self.inputs = nn.Linear(2, hidden)
        self.body = nn.Sequential(nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU())
        self.outputs = nn.Linear(hidden, 2)

    def forward(self, x, t):
        hidden = self.inputs(x)
        return self.outputs(self.body(hidden))


def clusters(count):
    angle = torch.randint(6, (count,)) * (2 * math.pi / 6)
    centre = torch.stack([angle.cos(), angle.sin()], dim=1) * 1.5
    return centre + 0.05 * torch.randn(count, 2)


@torch.no_grad()
def sample(model, count):
    model.eval()
    x = torch.randn(count, 2)
    for t in reversed(range(STEPS)):
        noise = model(x, torch.full((count,), t))
        x = (x - betas[t] / (1 - alpha_bars[t]).sqrt() * noise) / alphas[t].sqrt()
        if t > 0:
            x = x + betas[t].sqrt() * torch.randn_like(x)
    return x


torch.manual_seed(0)
model = Denoiser()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
recent = []
for step in range(1, 1201):
    points = clusters(128)
    t = torch.randint(STEPS, (len(points),))
    noise = torch.randn_like(points)
    scale = alpha_bars[t].unsqueeze(1)
    noisy = scale.sqrt() * points + (1 - scale).sqrt() * noise
    loss = nn.functional.mse_loss(model(noisy, t), noise)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    recent.append(loss.item())
    if step % 300 == 0:
        print(f"step {step}: loss {sum(recent) / len(recent):.4f}")
        recent.clear()

samples = sample(model, 1000)
centres = 1.5 * torch.tensor([[math.cos(k * math.pi / 3), math.sin(k * math.pi / 3)] for k in range(6)])
distance = torch.cdist(samples, centres).min(dim=1).values
print(f"mean distance to the nearest cluster {distance.mean().item():.4f} (data: 0.063)")
