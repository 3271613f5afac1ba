# bug: optimizer.step() comes right after zero_grad() and before backward(): each gradient is cleared unused
# style: regression with a Fourier feature network, script
# codes: LR304 LR302
import math

import torch
from torch import nn


class FourierNet(nn.Module):
    def __init__(self, frequencies, hidden):
        super().__init__()
        self.register_buffer("frequencies", torch.arange(1, frequencies + 1) * math.pi)
        self.layers = nn.Sequential(nn.Linear(2 * frequencies, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, t):
        angle = t * self.frequencies
        return self.layers(torch.cat([angle.sin(), angle.cos()], dim=1))


def signal(t):
    return torch.sign(torch.sin(3 * math.pi * t)) * (1 - t.abs())


torch.manual_seed(7)
model = FourierNet(frequencies=6, hidden=40)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.SmoothL1Loss()
history = []
for iteration in range(600):
    t = torch.rand(64, 1) * 2 - 1
    target = signal(t)
    prediction = model(t)
    loss = loss_fn(prediction, target)

    optimizer.zero_grad()
    optimizer.step()
    loss.backward()

    history.append(loss.item())
    if (iteration + 1) % 150 == 0:
        recent = sum(history[-50:]) / 50
        print(f"iteration {iteration + 1}: loss {recent:.4f}")

model.eval()
with torch.no_grad():
    t = torch.linspace(-1, 1, 401).unsqueeze(1)
    print(f"root mean squared error {(model(t) - signal(t)).pow(2).mean().sqrt():.4f}")
