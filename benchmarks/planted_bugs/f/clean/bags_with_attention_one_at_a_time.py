# style: attention-based multiple-instance learning: one bag per step, softmax over its instances (dim 0), gradients summed
import torch
import torch.nn as nn
from sklearn.datasets import load_digits


class BagSampler:
    """Bags of digits; a bag is positive if it holds a nine."""

    def __init__(self, images, labels, bags, seed):
        g = torch.Generator().manual_seed(seed)
        nines = torch.nonzero(labels == 9).squeeze(1)
        others = torch.nonzero(labels != 9).squeeze(1)
        self.bags = []
        for i in range(bags):
            size = int(torch.randint(4, 11, (1,), generator=g))
            index = others[torch.randint(len(others), (size,), generator=g)]
            if i % 2:
                index[: 1 + i % 3 // 2] = nines[torch.randint(len(nines), (1 + i % 3 // 2,), generator=g)]
            self.bags.append((images[index], torch.tensor(float(i % 2))))

    def __iter__(self):
        for i in torch.randperm(len(self.bags)).tolist():
            yield self.bags[i]

    def __len__(self):
        return len(self.bags)


class GatedAttention(nn.Module):
    def __init__(self, dim=48, attention=24):
        super().__init__()
        self.instance = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, dim), nn.ReLU())
        self.v = nn.Linear(dim, attention)
        self.u = nn.Linear(dim, attention)
        self.w = nn.Linear(attention, 1)
        self.classifier = nn.Linear(dim, 1)

    def forward(self, bag):
        h = self.instance(bag)
        a = self.w(torch.tanh(self.v(h)) * torch.sigmoid(self.u(h)))
        a = torch.softmax(a, dim=0)  # over the instances of this one bag
        pooled = (a * h).sum(dim=0)
        return self.classifier(pooled).squeeze(), a.squeeze(1)


def train(model, bags, optimizer, criterion, per_update):
    model.train()
    total = 0.0
    optimizer.zero_grad()
    for i, (bag, label) in enumerate(bags, start=1):
        score, _ = model(bag)
        loss = criterion(score, label)
        (loss / per_update).backward()
        if i % per_update == 0:
            optimizer.step()
            optimizer.zero_grad()
        total += loss.item()
    return total / len(bags)


@torch.no_grad()
def test(model, bags):
    model.eval()
    return sum(((model(bag)[0] > 0) == (label > 0)).item() for bag, label in bags) / len(bags)


def main():
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.data, dtype=torch.float32) / 16
    labels = torch.tensor(digits.target)
    train_bags = BagSampler(images[:1300], labels[:1300], bags=600, seed=1)
    test_bags = BagSampler(images[1300:], labels[1300:], bags=120, seed=2)
    model = GatedAttention()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(1, 8):
        loss = train(model, train_bags, optimizer, criterion, per_update=8)
        if epoch % 2 == 1:
            print(f"epoch {epoch}: loss {loss:.4f}, test accuracy {test(model, test_bags):.3f}")


if __name__ == "__main__":
    main()
