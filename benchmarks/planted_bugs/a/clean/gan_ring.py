# style: GAN, two optimizers
import torch
from torch import nn

torch.manual_seed(0)
latent = 4
G = nn.Sequential(nn.Linear(latent, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
D = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
opt_d = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
adversarial = nn.BCEWithLogitsLoss()


def real_batch(n):
    angle = torch.rand(n) * 6.2832
    return torch.stack([angle.cos(), angle.sin()], dim=1) + 0.05 * torch.randn(n, 2)


for step in range(400):
    real = real_batch(64)
    ones, zeros = torch.ones(64, 1), torch.zeros(64, 1)

    opt_d.zero_grad()
    fake = G(torch.randn(64, latent)).detach()
    d_loss = adversarial(D(real), ones) + adversarial(D(fake), zeros)
    d_loss.backward()
    opt_d.step()

    opt_g.zero_grad()
    g_loss = adversarial(D(G(torch.randn(64, latent))), ones)
    g_loss.backward()
    opt_g.step()
    if step % 100 == 0:
        print(f"step {step}: D {d_loss.item():.3f} G {g_loss.item():.3f}")
with torch.no_grad():
    print("mean radius", G(torch.randn(1000, latent)).norm(dim=1).mean().item())
