"""A trainer of Lightning moves a module with all its parts, also those that other objects hold."""

import lightning as L
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Score(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x):
        return self.layers(x).squeeze(dim=-1)


class Sampler:
    def __init__(self, net):
        self.net = net
        self.examples = [torch.rand(1, 4) for _ in range(8)]

    def sample(self):
        return self.net(torch.cat(self.examples, dim=0).to(device))


class Energy(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = Score()
        self.sampler = Sampler(self.net)

    def training_step(self, batch, number):
        return self.sampler.sample().mean() - self.net(batch).mean()


model = Energy()
L.Trainer(max_epochs=3).fit(model, loader)
