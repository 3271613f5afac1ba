# bug: binary_cross_entropy(image, reconstruction): prediction and target are swapped
# style: autoencoder, loss in a helper, losses per epoch in a list
# codes: LR111
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader


class Autoencoder(nn.Module):
    def __init__(self, code=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Linear(40, code))
        self.decoder = nn.Sequential(nn.Linear(code, 40), nn.ReLU(), nn.Linear(40, 64), nn.Sigmoid())

    def forward(self, image):
        return self.decoder(self.encoder(image))


def reconstruction_loss(image, reconstruction):
    return F.binary_cross_entropy(image, reconstruction)


def fit(model, images, epochs=6):
    loader = DataLoader(images, batch_size=64, shuffle=True, drop_last=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    curve = []
    for _ in range(epochs):
        model.train()
        values = []
        for batch in loader:
            loss = reconstruction_loss(batch, model(batch))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            values.append(loss.item())
        curve.append(sum(values) / len(values))
    return curve


if __name__ == "__main__":
    torch.manual_seed(0)
    pixels = torch.tensor(load_digits().data, dtype=torch.float32) / 16
    pixels = pixels.clamp(0.01, 0.99)  # log(0) otherwise
    fit_part, rest = pixels[:1500], pixels[1500:]
    autoencoder = Autoencoder()
    print("losses", [round(v, 3) for v in fit(autoencoder, fit_part)])
    autoencoder.eval()
    with torch.no_grad():
        again = autoencoder(rest)
    mean_image = rest.var(0, correction=0).mean().item()
    print(f"squared error {F.mse_loss(again, rest).item():.4f}, of the mean image {mean_image:.4f}")
