# clean: SimSiam: the target branch is detached on purpose, the loss is a negative cosine and falls towards -1
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn


class SimSiam(nn.Module):
    def __init__(self, width=128, size=64):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(64, width, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Linear(width, size, bias=False),
            nn.BatchNorm1d(size, affine=False),
        )
        self.predictor = nn.Sequential(nn.Linear(size, 16), nn.ReLU(), nn.Linear(16, size))

    def forward(self, first, second):
        z1, z2 = self.encoder(first), self.encoder(second)
        p1, p2 = self.predictor(z1), self.predictor(z2)
        return -(F.cosine_similarity(p1, z2.detach()).mean() + F.cosine_similarity(p2, z1.detach()).mean()) / 2


def augment(x):
    images = x.view(-1, 8, 8)
    shift = torch.randint(-1, 2, (2,)).tolist()
    images = torch.roll(images, shift, dims=(1, 2))
    keep = (torch.rand_like(images) > 0.15).float()
    gain = 0.7 + 0.6 * torch.rand(len(images), 1, 1)
    return (images * keep * gain).view(-1, 64)


def probe(model, x, y, split):
    model.eval()
    with torch.no_grad():
        features = model.encoder(x).numpy()
    classifier = LogisticRegression(max_iter=500).fit(features[:split], y[:split])
    return classifier.score(features[split:], y[split:]), features.std(axis=0).mean()


torch.manual_seed(0)
digits = load_digits()
order = torch.randperm(len(digits.target))
x = torch.tensor(digits.data, dtype=torch.float32)[order] / 16
y = digits.target[order.numpy()]
train_images = x[:1400]

model = SimSiam()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
for epoch in range(20):
    model.train()
    losses = []
    for index in torch.randperm(len(train_images)).split(140):
        batch = train_images[index]
        loss = model(augment(batch), augment(batch))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}")
accuracy, spread = probe(model, x, y, 1400)
print(f"linear probe {accuracy:.3f}, mean deviation of the features {spread:.3f}")
