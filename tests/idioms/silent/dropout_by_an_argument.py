"""Dropout that a call asks for: the evaluation does not."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

data = TensorDataset(torch.randn(100, 8), torch.randint(0, 4, (100,)))
train, test = DataLoader(data, batch_size=10, shuffle=True), DataLoader(data, batch_size=10)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(8, 16), nn.Linear(16, 4)
        self.drop = nn.Dropout(0.3)

    def forward(self, x, is_training=False):
        h = torch.relu(self.first(x))
        if is_training:
            h = self.drop(h)
        return self.second(h)


net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in train:
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x, is_training=True), y).backward()
    optimizer.step()
right = 0
with torch.no_grad():
    for x, y in test:
        right += (net(x).argmax(1) == y).sum().item()
print(right / len(data))
