# bug: the experts live in a plain dict: they are no part of the model
# style: mixture of experts
# codes: LR405, LR307
import torch
from sklearn.datasets import load_digits
from torch import nn


class Mixture(nn.Module):
    def __init__(self, names=("a", "b", "c")):
        super().__init__()
        self.gate = nn.Linear(64, len(names))
        self.experts = {name: nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)) for name in names}

    def forward(self, x):
        weights = self.gate(x).softmax(dim=1)
        outputs = torch.stack([expert(x) for expert in self.experts.values()], dim=1)
        return (weights.unsqueeze(-1) * outputs).sum(dim=1)


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
model = Mixture()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(6):
    total = 0.0
    for rows in torch.randperm(len(X)).split(90):
        loss = loss_fn(model(X[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: {total:.2f}")
