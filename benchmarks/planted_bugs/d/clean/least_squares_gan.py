# clean: least-squares GAN: squared error against 0 and 1 is the method; two optimizers, fake detached for the critic
import math

import torch
from torch import nn

MODES, LATENT = 4, 4


def real(count):
    angle = 2 * math.pi * torch.randint(MODES, (count,)) / MODES
    return torch.stack([angle.cos(), angle.sin()], dim=1) + 0.1 * torch.randn(count, 2)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(LATENT, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))

    def forward(self, noise):
        return self.net(noise)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1)
        )

    def forward(self, x):
        return self.net(x)


def main():
    torch.manual_seed(1)
    generator, discriminator = Generator(), Discriminator()
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    criterion = nn.MSELoss()
    batch = 128
    ones, zeros = torch.ones(batch, 1), torch.zeros(batch, 1)
    for step in range(1, 1001):
        fake = generator(torch.randn(batch, LATENT))

        d_optimizer.zero_grad()
        d_loss = (criterion(discriminator(real(batch)), ones) + criterion(discriminator(fake.detach()), zeros)) / 2
        d_loss.backward()
        d_optimizer.step()

        g_optimizer.zero_grad()
        g_loss = criterion(discriminator(fake), ones)
        g_loss.backward()
        g_optimizer.step()

        if step % 250 == 0:
            generator.eval()
            with torch.no_grad():
                samples = generator(torch.randn(1000, LATENT))
            generator.train()
            angle = torch.atan2(samples[:, 1], samples[:, 0])
            mode = (angle / (2 * math.pi / MODES)).round().long() % MODES
            share = torch.bincount(mode, minlength=MODES) / len(samples)
            print(
                f"step {step}: D {d_loss.item():.3f}, G {g_loss.item():.3f}, radius {samples.norm(dim=1).mean().item():.3f}, "
                f"modes {' '.join(f'{s:.2f}' for s in share.tolist())}"
            )


if __name__ == "__main__":
    main()
