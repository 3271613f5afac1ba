# style: Wasserstein GAN with gradient penalty: create_graph, five critic steps, losses without bounds
import torch
from torch import autograd, nn

torch.manual_seed(0)
CENTRES = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])


def real(count):
    return CENTRES[torch.randint(4, (count,))] + 0.1 * torch.randn(count, 2)


def network(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, outputs))


def gradient_penalty(critic, a, b):
    mix = torch.rand(len(a), 1)
    points = (mix * a + (1 - mix) * b).requires_grad_()
    (slope,) = autograd.grad(critic(points).sum(), points, create_graph=True)
    return (slope.norm(dim=1) - 1).square().mean()


def critic_step(generator, critic, optimizer, count):
    with torch.no_grad():
        fake = generator(torch.randn(count, 2))
    data = real(count)
    estimate = critic(data).mean() - critic(fake).mean()
    loss = -estimate + gradient_penalty(critic, data, fake)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return estimate.item()


def generator_step(generator, critic, optimizer, count):
    loss = -critic(generator(torch.randn(count, 2))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def distance_to_centres(generator):
    with torch.no_grad():
        points = generator(torch.randn(1000, 2))
    nearest = torch.cdist(points, CENTRES).min(dim=1)
    return nearest.values.mean().item(), torch.bincount(nearest.indices, minlength=4).tolist()


generator, critic = network(2, 2), network(2, 1)
opt_generator = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.9))
opt_critic = torch.optim.Adam(critic.parameters(), lr=2e-3, betas=(0.5, 0.9))
for step in range(1, 251):
    for _ in range(5):
        estimate = critic_step(generator, critic, opt_critic, 64)
    generator_step(generator, critic, opt_generator, 64)
    if step % 50 == 0:
        distance, shares = distance_to_centres(generator)
        print(f"step {step}: Wasserstein estimate {estimate:.3f}, distance {distance:.3f}, points per centre {shares}")
