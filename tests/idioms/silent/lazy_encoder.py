import torch
import torch.nn as nn


class VAEEncoder(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        layers = []
        channels = cfg["channels"]
        for cin, cout in zip(channels[:-1], channels[1:]):
            layers += [nn.Conv2d(cin, cout, 3, 2, 1, bias=False), nn.BatchNorm2d(cout), nn.LeakyReLU(0.2, True)]
        self.features = nn.Sequential(*layers)
        self.mu = nn.LazyLinear(cfg["latent"])
        self.logvar = nn.LazyLinear(cfg["latent"])

    def forward(self, x):
        h = self.features(x).flatten(1)
        return self.mu(h), self.logvar(h)


enc = VAEEncoder({"channels": [3, 16, 32], "latent": 8})
mu, logvar = enc(torch.zeros(2, 3, 32, 32))
z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
