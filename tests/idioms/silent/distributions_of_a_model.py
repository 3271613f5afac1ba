# not: swapped-loss-arguments
# not: bad-initialisation
# Shares that a distribution of a model's own numbers gives may be what is trained.
import torch
from torch import nn
from torch.distributions import Beta, Normal

images, labels = torch.randn(200, 12), torch.randint(0, 3, (200,))
net, policy = nn.Linear(12, 3), nn.Linear(12, 1)
optimizer = torch.optim.Adam([*net.parameters(), *policy.parameters()])

for rows in torch.randperm(200).split(20):
    width = nn.functional.softplus(policy(images[rows]))
    given = Normal(0.0, width).rsample()
    prior = Normal(0.0, 1.0).log_prob(given).mean()
    share = Beta(0.4, 0.4).sample((len(rows), 1))
    targets = share * nn.functional.one_hot(labels[rows], 3) + (1 - share) / 3
    loss = nn.functional.cross_entropy(net(images[rows]) + given, targets) - prior
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


class Start(nn.Module):
    """Small numbers of a distribution are no raw ones."""

    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(Normal(0.0, 0.01).sample((784, 256)))
        self.second = nn.Parameter(Normal(0.0, 0.01).sample((256, 10)))

    def forward(self, x):
        return torch.relu(x @ self.first) @ self.second


print(Start()(torch.rand(2, 784)))
