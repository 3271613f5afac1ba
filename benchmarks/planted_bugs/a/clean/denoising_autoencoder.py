# style: convolutional autoencoder, pixel probabilities
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
images = torch.tensor(load_digits().images, dtype=torch.float32).unsqueeze(1) / 16
train_loader = DataLoader(images[:1500], batch_size=64, shuffle=True)
test_images = images[1500:]


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, padding=1))
        self.decoder = nn.Sequential(
            nn.ReLU(), nn.ConvTranspose2d(4, 8, 2, stride=2), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1), nn.Sigmoid()
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


model = AutoEncoder()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(6):
    model.train()
    total = 0.0
    for clean in train_loader:
        noisy = (clean + 0.2 * torch.randn_like(clean)).clamp(0, 1)
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(noisy), clean)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(clean)
    print(f"epoch {epoch}: {total / 1500:.5f}")
model.eval()
with torch.inference_mode():
    restored = model((test_images + 0.2 * torch.randn_like(test_images)).clamp(0, 1))
    print("test error", nn.functional.mse_loss(restored, test_images).item())
