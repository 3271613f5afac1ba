# bug: the shared body is frozen by requires_grad, but model.train() lets the statistics of its BatchNorm move
# style: continual-learning notebook turned into a script: task A, then a new head for the shifted task B
# codes: LR324
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(31)
digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
labels = torch.tensor(digits.target)
half = torch.randperm(len(labels)) < 1200


def task(which, classes, transform=lambda x: x):
    chosen = torch.isin(labels, torch.tensor(classes)) & which
    return TensorDataset(transform(images[chosen]), labels[chosen] - classes[0])


scanner_b = lambda x: 1.0 - 0.5 * x  # noqa: E731 (the second scanner inverts and flattens contrast)
train_a, test_a = task(half, [0, 1, 2, 3, 4]), task(~half, [0, 1, 2, 3, 4])
train_b, test_b = task(half, [5, 6, 7, 8, 9], scanner_b), task(~half, [5, 6, 7, 8, 9], scanner_b)


class MultiHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
        )
        self.heads = nn.ModuleDict({"a": nn.Linear(128, 5)})

    def forward(self, x, head):
        return self.heads[head](self.body(x))


@torch.no_grad()
def test(model, dataset, head):
    model.eval()
    x, y = dataset.tensors
    return (model(x, head).argmax(1) == y).float().mean().item()


def fit(model, dataset, head, epochs, lr):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=lr)
    criterion = nn.CrossEntropyLoss()
    loader = DataLoader(dataset, batch_size=32, shuffle=True)
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x, head), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        print(f"  task {head}, epoch {epoch}: loss {total / len(dataset):.4f}")


model = MultiHead()
fit(model, train_a, "a", epochs=5, lr=3e-3)
print(f"task a: accuracy {test(model, test_a, 'a'):.3f}")

# The body stays as it is; only the new head learns.
for p in model.parameters():
    p.requires_grad = False
model.heads["b"] = nn.Linear(128, 5)
fit(model, train_b, "b", epochs=5, lr=1e-2)
print(f"task b: accuracy {test(model, test_b, 'b'):.3f}")
print(f"task a again: accuracy {test(model, test_a, 'a'):.3f}")
