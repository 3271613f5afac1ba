# bug: the KL divergence of the VAE is subtracted instead of added: the loss falls without bound
# style: small VAE on digits, script
# codes: LR127
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(2)
LATENT = 4
data = torch.tensor(load_digits().data / 16, dtype=torch.float32)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(64, 48)
        self.mean = nn.Linear(48, LATENT)
        self.log_variance = nn.Linear(48, LATENT)
        self.decoder = nn.Sequential(nn.Linear(LATENT, 48), nn.ReLU(), nn.Linear(48, 64))

    def forward(self, x):
        hidden = F.relu(self.body(x))
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decoder(z), mean, log_variance


vae = VAE()
optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
for epoch in range(20):
    permutation = torch.randperm(len(data))
    epoch_loss = epoch_divergence = 0.0
    for index in permutation.split(128):
        x = data[index]
        logits, mean, log_variance = vae(x)
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        divergence = 0.5 * (mean.pow(2) + log_variance.exp() - log_variance - 1).sum() / len(x)
        loss = reconstruction - 0.3 * divergence
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(x)
        epoch_divergence += divergence.item() * len(x)
    if epoch % 4 == 3:
        print(f"epoch {epoch}: loss {epoch_loss / len(data):.2f}, divergence {epoch_divergence / len(data):.2f}")

vae.eval()
with torch.no_grad():
    samples = torch.sigmoid(vae.decoder(torch.randn(500, LATENT)))
print(f"mean pixel of the samples {samples.mean():.3f}, of the data {data.mean():.3f}")
print(f"distance of the average images {(samples.mean(0) - data.mean(0)).norm():.3f}")
