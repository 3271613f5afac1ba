# bug: the reconstruction term compares the noisy input with the clean image: only the sparsity penalty trains
# style: sparse denoising autoencoder, class with a fit method
# codes: LR118
import torch
from sklearn.datasets import load_digits
from torch import nn


class SparseDenoiser(nn.Module):
    def __init__(self, inputs=64, code=32, sparsity=1e-3, noise=0.3):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, code), nn.ReLU())
        self.decoder = nn.Sequential(nn.Linear(code, 64), nn.ReLU(), nn.Linear(64, inputs))
        self.sparsity = sparsity
        self.noise = noise

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(code), code

    def corrupt(self, x):
        return x + self.noise * torch.randn_like(x)

    def fit(self, images, epochs, batch_size=64, lr=2e-3):
        optimizer = torch.optim.Adam(self.parameters(), lr=lr)
        criterion = nn.MSELoss()
        for epoch in range(epochs):
            self.train()
            total = 0.0
            for clean in images[torch.randperm(len(images))].split(batch_size):
                noisy = self.corrupt(clean)
                restored, code = self(noisy)
                loss = criterion(noisy, clean) + self.sparsity * code.abs().mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(clean)
            if epoch % 5 == 4:
                print(f"epoch {epoch + 1:3d}: loss {total / len(images):.4f}")
        return self

    @torch.no_grad()
    def restoration_error(self, images):
        self.eval()
        noisy = self.corrupt(images)
        restored, _ = self(noisy)
        return (noisy - images).pow(2).mean().item(), (restored - images).pow(2).mean().item()


torch.manual_seed(0)
images = torch.tensor(load_digits().data / 16, dtype=torch.float32)
images = images[torch.randperm(len(images))]
denoiser = SparseDenoiser().fit(images[:1400], epochs=20)
before, after = denoiser.restoration_error(images[1400:])
print(f"error of the noisy images {before:.4f}, of the restored ones {after:.4f}")
