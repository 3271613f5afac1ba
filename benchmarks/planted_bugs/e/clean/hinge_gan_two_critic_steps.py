# clean: GAN with hinge losses and spectral normalisation, two critic steps per generator step, gradients cleared before use
# style: GAN repository: two optimizers, requires_grad toggles, fixed noise for the evaluation
# tempts: LR301 and LR302 (two optimizers), LR105 (relu of critic scores), LR127 (negative generator loss), LR705, LR307
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.parametrizations import spectral_norm

LATENT = 4
BATCH = 128
STEPS = 700
N_CRITIC = 2


def real_batch(n):
    """Two Gaussian blobs and a bar between them."""
    kind = torch.randint(3, (n,))
    centres = torch.tensor([[-1.5, 0.0], [1.5, 0.0], [0.0, 0.0]])[kind]
    spread = torch.tensor([[0.2, 0.4], [0.2, 0.4], [0.6, 0.1]])[kind]
    return centres + spread * torch.randn(n, 2)


class Generator(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(LATENT, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Linear(width, 2)
        )

    def forward(self, z):
        return self.net(z)


class Critic(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.net = nn.Sequential(
            spectral_norm(nn.Linear(2, width)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(width, width)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(width, 1)),
        )

    def forward(self, x):
        return self.net(x).squeeze(1)


def set_requires_grad(module, flag):
    for parameter in module.parameters():
        parameter.requires_grad_(flag)


def moments(points):
    return points.mean(0), points.std(0)


def main():
    torch.manual_seed(12)
    generator, critic = Generator(), Critic()
    opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.0, 0.9))
    opt_c = torch.optim.Adam(critic.parameters(), lr=2e-3, betas=(0.0, 0.9))
    fixed = torch.randn(2000, LATENT)
    for step in range(1, STEPS + 1):
        set_requires_grad(critic, True)
        for _ in range(N_CRITIC):
            real = real_batch(BATCH)
            with torch.no_grad():
                fake = generator(torch.randn(BATCH, LATENT))
            loss_c = F.relu(1 - critic(real)).mean() + F.relu(1 + critic(fake)).mean()
            opt_c.zero_grad()
            loss_c.backward()
            opt_c.step()

        set_requires_grad(critic, False)
        loss_g = -critic(generator(torch.randn(BATCH, LATENT))).mean()
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()

        if step % 100 == 0:
            generator.eval()
            with torch.no_grad():
                mean, std = moments(generator(fixed))
            generator.train()
            print(
                f"step {step}: critic {loss_c.item():.3f} generator {loss_g.item():.3f} "
                f"mean ({mean[0]:.2f}, {mean[1]:.2f}) std ({std[0]:.2f}, {std[1]:.2f})"
            )
    mean, std = moments(real_batch(20000))
    print(f"data: mean ({mean[0]:.2f}, {mean[1]:.2f}) std ({std[0]:.2f}, {std[1]:.2f})")


if __name__ == "__main__":
    main()
