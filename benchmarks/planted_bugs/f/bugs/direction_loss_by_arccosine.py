# bug: the cosine of two unit vectors may be rounded to more than 1, where acos (and then all weights) become NaN
# style: researcher's heading estimator (compass direction from radio beacons), angle as loss, history dictionary
# codes: LR701
import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(10)
BEACONS = torch.linspace(0, 2 * math.pi, 9)[:-1]


def sample_headings(n, generator):
    """Signal strengths at eight beacons and the unit vector of the heading."""
    angle = 2 * math.pi * torch.rand(n, 1, generator=generator)
    strength = torch.exp(torch.cos(angle - BEACONS) * 1.5) / 3
    return strength, torch.cat([angle.cos(), angle.sin()], dim=1)


class HeadingNet(nn.Module):
    def __init__(self, n_in=8, hidden=48):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(n_in, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh())
        self.direction = nn.Linear(hidden, 2)

    def forward(self, x):
        return F.normalize(self.direction(self.backbone(x)), dim=-1)


def angular_loss(predicted, target):
    cosine = (predicted * target).sum(dim=-1)
    return torch.acos(cosine).mean()


def train(model, data, epochs, batch_size, lr):
    features, directions = data
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"angle": []}
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(len(features))
        epoch_angle = 0.0
        for index in order.split(batch_size):
            loss = angular_loss(model(features[index]), directions[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            epoch_angle += loss.item() * len(index)
        history["angle"].append(math.degrees(epoch_angle / len(features)))
        print(f"epoch {epoch}: mean angle {history['angle'][-1]:.3f} degrees")
    return history


def main():
    generator = torch.Generator().manual_seed(10)
    model = HeadingNet()
    train(model, sample_headings(960, generator), epochs=10, batch_size=32, lr=2e-3)
    features, directions = sample_headings(400, generator)
    model.eval()
    with torch.no_grad():
        print(f"test: {math.degrees(angular_loss(model(features), directions).item()):.3f} degrees")


if __name__ == "__main__":
    main()
