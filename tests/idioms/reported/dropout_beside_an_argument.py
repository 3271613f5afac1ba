"""An argument switches one layer; another one depends on the mode."""

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

    def forward(self, x, more=False):
        h = torch.relu(self.first(x))
        if more:
            h = torch.relu(h)
        return self.second(self.drop(h))


net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in train:
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
right = 0
with torch.no_grad():
    for x, y in test:  # error: evaluation-in-training-mode
        right += (net(x).argmax(1) == y).sum().item()
print(right / len(data))
