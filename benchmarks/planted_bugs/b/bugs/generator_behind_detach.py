# bug: the generator's loss is computed on detached samples: it never gets a gradient
# style: GAN
# codes: LR704, LR112, LR303, LR307, LR306
import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 2))
critic = nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1))
optim_g = torch.optim.Adam(generator.parameters(), lr=2e-3)
optim_d = torch.optim.Adam(critic.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
real_label, fake_label = torch.ones(50, 1), torch.zeros(50, 1)
for step in range(200):
    real = torch.randn(50, 2) * 0.3 + torch.tensor([2.0, -1.0])
    fake = generator(torch.randn(50, 3)).detach()

    optim_d.zero_grad()
    loss_d = bce(critic(real), real_label) + bce(critic(fake), fake_label)
    loss_d.backward()
    optim_d.step()

    optim_g.zero_grad()
    loss_g = bce(critic(fake), real_label)
    loss_g.backward()
    optim_g.step()
    if step % 50 == 0:
        print(step, loss_d.item(), loss_g.item())
