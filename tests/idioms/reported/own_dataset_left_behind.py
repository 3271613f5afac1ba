import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Pairs(Dataset):
    def __init__(self, n):
        self.x = torch.randn(n, 3)
        self.y = torch.randint(0, 2, (n,))

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2)).to(device)
optimizer = torch.optim.Adam(net.parameters())
for x, y in DataLoader(Pairs(100), batch_size=10):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y.to(device))  # error: device-mismatch
    loss.backward()
    optimizer.step()
