# bug: after the generator's backward the discriminator's optimizer is stepped again (copied line)
# style: GAN on a one-dimensional mixture
# codes: LR303 LR704 LR307
import torch
import torch.nn.functional as F
from torch import nn, optim

LATENT, BATCH = 4, 128


def mlp(inputs, outputs, width=32):
    return nn.Sequential(
        nn.Linear(inputs, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, outputs),
    )


def real_samples(count):
    side = torch.randint(2, (count, 1)).float() * 2 - 1
    return 2 * side + 0.3 * torch.randn(count, 1)


def discriminator_step(generator, discriminator, optimizer):
    real = real_samples(BATCH)
    fake = generator(torch.randn(BATCH, LATENT)).detach()
    real_score, fake_score = discriminator(real), discriminator(fake)
    loss = F.binary_cross_entropy_with_logits(real_score, torch.ones_like(real_score))
    loss = loss + F.binary_cross_entropy_with_logits(fake_score, torch.zeros_like(fake_score))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def generator_step(generator, discriminator, optimizer):
    score = discriminator(generator(torch.randn(BATCH, LATENT)))
    loss = F.binary_cross_entropy_with_logits(score, torch.ones_like(score))
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


def main():
    torch.manual_seed(0)
    generator, discriminator = mlp(LATENT, 1), mlp(1, 1)
    g_optimizer = optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.99))
    d_optimizer = optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.99))
    for step in range(1, 801):
        d_loss = discriminator_step(generator, discriminator, d_optimizer)
        g_loss = generator_step(generator, discriminator, g_optimizer)
        d_optimizer.step()
        if step % 200 == 0:
            with torch.no_grad():
                samples = generator(torch.randn(2000, LATENT))
            print(
                f"step {step}: D {d_loss:.4f}, G {g_loss:.4f}, samples {samples.mean().item():+.3f} +- {samples.std().item():.3f}"
                f", near a mode {((samples.abs() - 2).abs() < 0.9).float().mean().item():.3f}"
            )


if __name__ == "__main__":
    main()
