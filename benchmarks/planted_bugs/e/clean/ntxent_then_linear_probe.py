# clean: SimCLR-like NT-Xent loss over two noisy views with the diagonal masked, then a linear probe on the frozen encoder
# style: self-supervised research code, encoder and projector, probe trained on detached features
# tempts: LR709 (every loss depends on the whole batch), LR115, LR701 (-inf in the similarities), LR307/LR704 (projector unused later)
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Encoder(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(512, 96),
            nn.ReLU(),
            nn.Linear(96, dim),
        )

    def forward(self, x):
        return self.net(x)


class Projector(nn.Module):
    def __init__(self, dim=24, out=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(dim, 64), nn.ReLU(), nn.Linear(64, out))

    def forward(self, h):
        return F.normalize(self.net(h), dim=-1)


def view(x):
    """One random view of every image: slightly turned, stretched and shifted, other brightness, some noise."""
    angle = 0.25 * torch.randn(len(x))
    scale = 1 + 0.1 * torch.randn(2, len(x))
    shift = 0.12 * torch.randn(2, len(x))
    cos, sin = angle.cos(), angle.sin()
    rows = [torch.stack([cos * scale[0], -sin, shift[0]], dim=1), torch.stack([sin, cos * scale[1], shift[1]], dim=1)]
    grid = F.affine_grid(torch.stack(rows, dim=1), list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, align_corners=False)
    gain = 0.8 + 0.4 * torch.rand(len(x), 1, 1, 1)
    return gain * x + 0.05 * torch.randn_like(x)


def nt_xent(z1, z2, temperature=0.2):
    n = z1.size(0)
    z = torch.cat([z1, z2])
    similarity = z @ z.t() / temperature
    similarity = similarity.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    partner = torch.arange(2 * n).roll(n)
    return F.cross_entropy(similarity, partner)


def pretrain(encoder, projector, loader, epochs):
    optimizer = torch.optim.Adam([*encoder.parameters(), *projector.parameters()], lr=2e-3)
    for epoch in range(epochs):
        total = 0.0
        for (x,) in loader:
            loss = nt_xent(projector(encoder(view(x))), projector(encoder(view(x))))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        if epoch % 5 == 4:
            print(f"pretraining epoch {epoch + 1}: {total / len(loader):.4f}")


def linear_probe(encoder, x_train, y_train, x_test, y_test, epochs=25):
    encoder.eval()
    with torch.no_grad():
        f_train, f_test = encoder(x_train), encoder(x_test)
    mean, std = f_train.mean(0), f_train.std(0) + 1e-6
    f_train, f_test = (f_train - mean) / std, (f_test - mean) / std
    probe = nn.Linear(f_train.size(1), 10)
    optimizer = torch.optim.Adam(probe.parameters(), lr=1e-2)
    for _ in range(epochs):
        for index in torch.randperm(len(y_train)).split(128):
            loss = F.cross_entropy(probe(f_train[index]), y_train[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    probe.eval()
    with torch.no_grad():
        return (probe(f_test).argmax(1) == y_test).float().mean().item()


def main():
    torch.manual_seed(6)
    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    y = torch.tensor(digits.target)
    train, test = train_test_split(range(len(y)), test_size=0.25, stratify=y, random_state=6)
    encoder = Encoder()
    print(f"probe on random features: {linear_probe(encoder, x[train][:150], y[train][:150], x[test], y[test]):.4f}")
    encoder.train()
    loader = DataLoader(TensorDataset(x[train]), batch_size=128, shuffle=True, drop_last=True)
    pretrain(encoder, Projector(), loader, epochs=25)
    print(f"probe on learnt features: {linear_probe(encoder, x[train][:150], y[train][:150], x[test], y[test]):.4f}")


if __name__ == "__main__":
    main()
