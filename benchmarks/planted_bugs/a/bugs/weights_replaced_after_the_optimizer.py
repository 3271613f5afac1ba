# bug: a parameter is overwritten with a fresh tensor after the optimizer was built, so the trained one is not used
# style: weight surgery (TrainCheck: pytorch-115607, a parameter never changes)
# codes: LR307, LR704
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
loader = DataLoader(TensorDataset(torch.tensor(X).float() / 16, torch.tensor(y)), batch_size=64, shuffle=True)


class TwoLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 64)
        self.second = nn.Linear(64, 10)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))

    def reset(self):
        self.first.weight = nn.Parameter(torch.empty(64, 64).uniform_(-0.2, 0.2))
        self.second.weight = nn.Parameter(torch.empty(10, 64).uniform_(-0.2, 0.2))


model = TwoLayer()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
model.reset()
for epoch in range(6):
    model.train()
    total = 0.0
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: {total / len(loader):.4f}")
