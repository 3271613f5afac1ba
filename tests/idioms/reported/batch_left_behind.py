import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 4)

    def forward(self, x):
        return self.fc(x)


def train(loader, epochs):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = Net().to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(epochs):
        for step, (x, y) in enumerate(loader):
            y = y.to(device)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x), y)  # error: device-mismatch
            loss.backward()
            optimizer.step()
