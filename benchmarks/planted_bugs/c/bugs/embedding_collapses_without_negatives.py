# bug: the loss only pulls two views of an image together, nothing pushes images apart: all embeddings become one
# style: self-supervised views, convolutional encoder, cosine similarity as progress
# codes: LR706
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader


def two_views(images):
    def view():
        shifted = torch.roll(images, tuple(torch.randint(-1, 2, (2,)).tolist()), dims=(2, 3))
        return shifted + 0.1 * torch.randn_like(shifted)

    return view(), view()


class Encoder(nn.Module):
    def __init__(self, size=16):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten())
        self.project = nn.Sequential(nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, size))

    def forward(self, images):
        return self.project(self.features(images))


def agreement_loss(first, second):
    return (first - second).square().sum(dim=1).mean()


def spread(encoder, images):
    encoder.eval()
    with torch.no_grad():
        return encoder(images).std(dim=0).mean().item()


torch.manual_seed(0)
images = torch.tensor(load_digits().images, dtype=torch.float32).unsqueeze(1) / 16
loader = DataLoader(images[:1500], batch_size=60, shuffle=True)
encoder = Encoder()
optimizer = torch.optim.Adam(encoder.parameters(), lr=3e-3)
print(f"before: spread of the embeddings {spread(encoder, images[1500:]):.5f}")
for epoch in range(8):
    encoder.train()
    total = 0.0
    for batch in loader:
        first, second = two_views(batch)
        loss = agreement_loss(encoder(first), encoder(second))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: loss {total / len(loader):.6f}, spread {spread(encoder, images[1500:]):.5f}")
