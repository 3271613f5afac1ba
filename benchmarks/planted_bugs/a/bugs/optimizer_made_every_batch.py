# bug: Adam is built anew in every batch, so its moments are always empty
# style: function that does everything
# codes: LR310
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def train_batch(model, x, y):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
loader = DataLoader(TensorDataset(torch.tensor(X).float() / 16, torch.tensor(y)), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
for epoch in range(5):
    losses = [train_batch(model, xb, yb) for xb, yb in loader]
    print(f"epoch {epoch}: {sum(losses) / len(losses):.3f}")
