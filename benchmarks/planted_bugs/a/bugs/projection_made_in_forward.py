# bug: a linear layer is created anew at every call
# style: residual block
# codes: LR407
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Block(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.n_in, self.n_out = n_in, n_out
        self.fc = nn.Linear(n_in, n_out)

    def forward(self, x):
        shortcut = nn.Linear(self.n_in, self.n_out)(x) if self.n_in != self.n_out else x
        return torch.relu(self.fc(x) + shortcut)


class ResMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(64, 48), Block(48, 48), Block(48, 24))
        self.head = nn.Linear(24, 10)

    def forward(self, x):
        return self.head(self.blocks(x))


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
loader = DataLoader(TensorDataset(torch.tensor(X).float() / 16, torch.tensor(y)), batch_size=64, shuffle=True)
net = ResMLP()
optim = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(6):
    net.train()
    total = 0.0
    for x, target in loader:
        optim.zero_grad()
        loss = nn.functional.cross_entropy(net(x), target)
        loss.backward()
        optim.step()
        total += loss.item()
    print(f"epoch {epoch}: {total / len(loader):.3f}")
