# bug: a learnable tensor is stored without nn.Parameter, so no optimizer sees it
# style: custom layer
# codes: LR405, LR307
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Gate(nn.Module):
    """Scales every feature by a learned factor."""

    def __init__(self, width):
        super().__init__()
        self.scale = torch.ones(width, requires_grad=True)
        self.shift = torch.zeros(width, requires_grad=True)

    def forward(self, x):
        return x * self.scale + self.shift


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(64, 48)
        self.gate = Gate(48)
        self.out = nn.Linear(48, 10)

    def forward(self, x):
        return self.out(torch.relu(self.gate(self.inp(x))))


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
ds = TensorDataset(torch.as_tensor(X, dtype=torch.float32) / 16, torch.as_tensor(y))
loader = DataLoader(ds, batch_size=128, shuffle=True)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    net.train()
    running_loss = 0.0
    for x, t in loader:
        opt.zero_grad()
        loss = loss_fn(net(x), t)
        loss.backward()
        opt.step()
        running_loss += loss.item()
    print(epoch, running_loss / len(loader))
