# bug: the validation bound is computed with gradients switched on
# style: VAE, one function for the bound, writer class
# codes: LR206
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader


class Writer:
    def __init__(self):
        self.scalars = {}

    def add_scalar(self, tag, value, step):
        self.scalars.setdefault(tag, []).append((step, value))
        print(f"{tag} @ {step}: {value:.2f}")


class VAE(nn.Module):
    def __init__(self, latent=6):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU())
        self.mean, self.log_variance = nn.Linear(48, latent), nn.Linear(48, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 48), nn.ReLU(), nn.Linear(48, 64))

    def forward(self, x):
        h = self.encoder(x)
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp() if self.training else mean
        return self.decoder(z), mean, log_variance


def negative_bound(output, x):
    logits, mean, log_variance = output
    reconstruction = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
    return (reconstruction + divergence) / len(x)


def validation_bound(vae, loader):
    vae.eval()
    summed, count = 0.0, 0
    for x in loader:
        summed += negative_bound(vae(x), x).item() * len(x)
        count += len(x)
    return summed / count


torch.manual_seed(0)
pixels = torch.tensor(load_digits().data, dtype=torch.float32) / 16
train_loader, valid_loader = DataLoader(pixels[:1440], 48, shuffle=True), DataLoader(pixels[1440:], 51)
vae, writer = VAE(), Writer()
optimizer = torch.optim.Adam(vae.parameters(), lr=3e-3)
for epoch in range(5):
    vae.train()
    total = 0.0
    for x in train_loader:
        loss = negative_bound(vae(x), x)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.item()
    writer.add_scalar("train/bound", total / len(train_loader), epoch)
    writer.add_scalar("valid/bound", validation_bound(vae, valid_loader), epoch)
