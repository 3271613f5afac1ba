# bug: the loss is re-created with requires_grad=True, so nothing reaches the network
# style: multi-class MLP with a metric as loss
# codes: LR321, LR118, LR704, LR112
import torch
from sklearn.datasets import load_iris
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = load_iris(return_X_y=True)
X = torch.tensor(X, dtype=torch.float32)
X = (X - X.mean(0)) / X.std(0)
loader = DataLoader(TensorDataset(X, torch.tensor(y)), batch_size=30, shuffle=True)
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)


def error_rate(logits, labels):
    wrong = (logits.argmax(dim=1) != labels).float()
    return torch.tensor(wrong.mean().item(), requires_grad=True)


for epoch in range(10):
    rates = []
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = error_rate(net(xb), yb)
        loss.backward()
        optimizer.step()
        rates.append(loss.item())
    print(f"epoch {epoch} error rate {sum(rates) / len(rates):.3f}")
