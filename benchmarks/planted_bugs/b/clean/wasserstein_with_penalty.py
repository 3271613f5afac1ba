# style: WGAN-GP, gradient penalty with create_graph, five critic steps
import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
critic = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
optim_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.0, 0.9))
optim_c = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.9))


def penalty(real, fake):
    share = torch.rand(len(real), 1)
    between = (share * real + (1 - share) * fake).requires_grad_(True)
    scores = critic(between)
    (gradient,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    return ((gradient.norm(2, dim=1) - 1) ** 2).mean()


for step in range(60):
    for _ in range(5):
        real = torch.randn(64, 2) * 0.4 + torch.tensor([1.0, 1.0])
        with torch.no_grad():
            fake = generator(torch.randn(64, 4))
        critic_loss = critic(fake).mean() - critic(real).mean() + 10 * penalty(real, fake)
        optim_c.zero_grad()
        critic_loss.backward()
        optim_c.step()
    generator_loss = -critic(generator(torch.randn(64, 4))).mean()
    optim_g.zero_grad()
    generator_loss.backward()
    optim_g.step()
    if step % 20 == 0:
        print(f"step {step}: critic {critic_loss.item():.3f}, generator {generator_loss.item():.3f}")
