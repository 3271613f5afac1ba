# bug: the class proxies are parameters of the loss module, and the optimizer gets only those of the network
# style: metric learning with a proxy loss
# codes: LR307
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class ProxyLoss(nn.Module):
    """Cross entropy of scaled cosines between embeddings and one learned proxy per class."""

    def __init__(self, classes, size, scale=8.0):
        super().__init__()
        self.proxies = nn.Parameter(torch.randn(classes, size) * 0.1)
        self.log_scale = nn.Parameter(torch.tensor(scale).log())

    def forward(self, embeddings, labels):
        cosine = F.normalize(embeddings, dim=1) @ F.normalize(self.proxies, dim=1).T
        return F.cross_entropy(self.log_scale.exp() * cosine, labels)


class Embedder(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, size))

    def forward(self, x):
        return self.trunk(x)


def embed(model, loader):
    model.eval()
    with torch.no_grad():
        parts = [(F.normalize(model(x), dim=1), y) for x, y in loader]
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.3, random_state=0, stratify=y)
train_set = TensorDataset(torch.tensor(X_train).float(), torch.tensor(y_train))
test_set = TensorDataset(torch.tensor(X_test).float(), torch.tensor(y_test))
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
gallery_loader, query_loader = DataLoader(train_set, batch_size=256), DataLoader(test_set, batch_size=256)

model = Embedder(size=3)
criterion = ProxyLoss(classes=10, size=3)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(12):
    model.train()
    total = 0.0
    for x, labels in train_loader:
        loss = criterion(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1}: loss {total / len(train_set):.4f}")
gallery, gallery_labels = embed(model, gallery_loader)
queries, query_labels = embed(model, query_loader)
found = gallery_labels[(queries @ gallery.T).argmax(1)]
print(f"recall@1 {(found == query_labels).float().mean().item():.3f}")
