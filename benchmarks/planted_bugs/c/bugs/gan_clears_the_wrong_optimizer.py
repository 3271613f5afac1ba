# bug: before the discriminator's backward the generator's gradients are cleared again: the discriminator's pile up
# style: GAN on a spiral, two optimizers, training step as a closure
# codes: LR301 LR708
import torch
from torch import nn

torch.manual_seed(0)
NOISE, BATCH = 4, 64


def real_points(count):
    t = torch.rand(count, 1) * 6.28
    return torch.cat((t.cos(), t.sin()), 1) * (0.2 + t / 8) + torch.randn(count, 2) * 0.02


def mlp(*sizes):
    stack = []
    for before, after in zip(sizes, sizes[1:-1]):
        stack += [nn.Linear(before, after), nn.LeakyReLU(0.2)]
    return nn.Sequential(*stack, nn.Linear(sizes[-2], sizes[-1]))


def make_step(generator, discriminator):
    criterion = nn.BCEWithLogitsLoss()
    opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    ones, zeros = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)

    def step():
        fake = generator(torch.randn(BATCH, NOISE))
        for p in discriminator.parameters():
            p.requires_grad_(False)
        opt_g.zero_grad()
        loss_g = criterion(discriminator(fake), ones)
        loss_g.backward()
        opt_g.step()
        for p in discriminator.parameters():
            p.requires_grad_(True)
        opt_g.zero_grad()
        real = criterion(discriminator(real_points(BATCH)), ones)
        loss_d = real + criterion(discriminator(fake.detach()), zeros)
        loss_d.backward()
        opt_d.step()
        return loss_g.item(), loss_d.item()

    return step


generator, discriminator = mlp(NOISE, 32, 32, 2), mlp(2, 32, 32, 1)
step = make_step(generator, discriminator)
for i in range(1, 601):
    loss_g, loss_d = step()
    if i % 100 == 0:
        size = sum(p.grad.norm().item() ** 2 for p in discriminator.parameters()) ** 0.5
        print(f"{i}: generator {loss_g:.3f}, discriminator {loss_d:.3f}, norm of its gradient {size:.2f}")
