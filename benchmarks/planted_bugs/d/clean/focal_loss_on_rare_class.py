# clean: focal loss written by hand from BCE with logits, per-sample losses averaged; one output, threshold 0 on the logit
import torch
import torch.nn.functional as F
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def focal_loss(logits, targets, gamma=1.5, alpha=0.8):
    losses = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    probability = torch.sigmoid(logits)
    missed = torch.where(targets == 1, 1 - probability, probability)
    weight = torch.where(targets == 1, alpha, 1 - alpha)
    return (weight * missed.pow(gamma) * losses).mean()


class FraudNet(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(features, 32), nn.SiLU(), nn.Linear(32, 16), nn.SiLU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.layers(x).squeeze(1)


def scores_of(model, loader):
    model.eval()
    with torch.no_grad():
        parts = [(model(x), y) for x, y in loader]
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


def main():
    torch.manual_seed(0)
    x, y = make_classification(
        4000, n_features=16, n_informative=8, weights=[0.95], class_sep=1.2, flip_y=0.01, random_state=1
    )
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, stratify=y, random_state=0)
    mean, std = x_train.mean(0), x_train.std(0)
    make = lambda a, b: TensorDataset(  # noqa: E731
        torch.tensor((a - mean) / std, dtype=torch.float32), torch.tensor(b, dtype=torch.float32)
    )
    train_loader = DataLoader(make(x_train, y_train), batch_size=100, shuffle=True)
    test_loader = DataLoader(make(x_test, y_test), batch_size=400)
    model = FraudNet(16)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(1, 13):
        model.train()
        total = 0.0
        for inputs, targets in train_loader:
            loss = focal_loss(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(targets)
        if epoch % 3 == 0:
            print(f"epoch {epoch}: focal loss {total / len(y_train):.4f}")
    logits, truth = scores_of(model, test_loader)
    found = (logits > 0) & (truth == 1)
    print(f"test: average precision {average_precision_score(truth.numpy(), logits.numpy()):.3f}, ", end="")
    print(
        f"recall {found.sum().item() / truth.sum().item():.3f}, precision {found.sum().item() / (logits > 0).sum().item():.3f}"
    )


main()
