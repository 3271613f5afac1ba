# bug: the two views are stacked one after the other, and view(batch, 2, -1) pairs neighbours instead of the two views
# style: contrastive learning on digits, supervised-contrastive layout of features
# codes: LR514
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn


class Encoder(nn.Module):
    def __init__(self, code=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU())
        self.projection = nn.Linear(48, code)

    def forward(self, x):
        return F.normalize(self.projection(self.body(x)), dim=1)


def augment(x):
    images = x.view(-1, 8, 8)
    images = torch.stack([torch.roll(image, tuple(torch.randint(-1, 2, (2,)).tolist()), (0, 1)) for image in images])
    keep = (torch.rand(len(x), 8, 8) > 0.1).float()
    return (images * keep + 0.05 * torch.randn_like(images)).view(-1, 64)


def contrastive(features, temperature=0.2):
    """Features of shape (batch, 2, size): the two views of each sample."""
    first, second = features[:, 0], features[:, 1]
    scores = first @ second.T / temperature
    labels = torch.arange(len(scores))
    return (F.cross_entropy(scores, labels) + F.cross_entropy(scores.T, labels)) / 2


def probe(encoder, x, y, split):
    encoder.eval()
    with torch.no_grad():
        features = encoder.body(x).numpy()
    model = LogisticRegression(max_iter=300).fit(features[:split][:100], y[:split][:100])
    return model.score(features[split:], y[split:])


if __name__ == "__main__":
    torch.manual_seed(0)
    digits = load_digits()
    order = torch.randperm(len(digits.target))
    x = torch.tensor(digits.data, dtype=torch.float32)[order] / 16
    y = digits.target[order.numpy()]
    encoder = Encoder()
    optimizer = torch.optim.Adam(encoder.parameters(), lr=2e-3)
    for epoch in range(8):
        encoder.train()
        losses = []
        for index in torch.randperm(1400).split(100):
            batch = x[index]
            views = torch.cat([augment(batch), augment(batch)], dim=0)
            features = encoder(views).view(len(batch), 2, -1)
            loss = contrastive(features)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}")
    print(f"linear probe {probe(encoder, x, y, 1400):.3f}")
