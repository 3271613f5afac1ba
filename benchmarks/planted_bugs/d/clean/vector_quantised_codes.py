# clean: VQ-VAE: straight-through estimator with detach(), codebook and commitment losses detach on purpose
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class Quantizer(nn.Module):
    def __init__(self, codes, size, commitment=0.25):
        super().__init__()
        self.codebook = nn.Embedding(codes, size)
        nn.init.uniform_(self.codebook.weight, -0.5, 0.5)
        self.commitment = commitment

    def forward(self, z):
        distance = torch.cdist(z.detach().flatten(0, 1), self.codebook.weight.detach())
        index = distance.argmin(dim=1).view(z.shape[:2])
        quantised = self.codebook(index)
        loss = F.mse_loss(quantised, z.detach()) + self.commitment * F.mse_loss(z, quantised.detach())
        return z + (quantised - z).detach(), loss, index


class VQVAE(nn.Module):
    """Four code words per image, one for each quarter."""

    def __init__(self, codes=32, size=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(16, 48), nn.ReLU(), nn.Linear(48, size))
        self.quantizer = Quantizer(codes, size)
        self.decoder = nn.Sequential(nn.Linear(size, 48), nn.ReLU(), nn.Linear(48, 16))

    def forward(self, patches):
        quantised, loss, index = self.quantizer(self.encoder(patches))
        return self.decoder(quantised), loss, index


def to_patches(images):
    return images.view(-1, 2, 4, 2, 4).permute(0, 1, 3, 2, 4).reshape(-1, 4, 16)


def main():
    torch.manual_seed(0)
    images = torch.tensor(load_digits().images, dtype=torch.float32) / 16
    patches = to_patches(images[torch.randperm(len(images))])
    train, test = patches[:1400], patches[1400:]
    model = VQVAE()
    with torch.no_grad():
        codes = model.encoder(train).flatten(0, 1)
        model.quantizer.codebook.weight.copy_(codes[torch.randperm(len(codes))[:32]])
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(1, 21):
        model.train()
        total = 0.0
        for batch in train[torch.randperm(len(train))].split(64):
            restored, quantisation, _ = model(batch)
            error = F.mse_loss(restored, batch)
            optimizer.zero_grad()
            (error + quantisation).backward()
            optimizer.step()
            total += error.item() * len(batch)
        if epoch % 5 == 0:
            print(f"epoch {epoch}: reconstruction {total / len(train):.4f}")
    model.eval()
    with torch.no_grad():
        restored, _, index = model(test)
        error = F.mse_loss(restored, test).item()
    print(
        f"test reconstruction {error:.4f}, variance {test.var(dim=0).mean().item():.4f}, codes in use {index.unique().numel()} of 32"
    )


if __name__ == "__main__":
    main()
