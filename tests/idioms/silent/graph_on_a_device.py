"""An object of another library takes its fields to the device."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 4)

    def forward(self, x, edges):
        return self.fc(x)[edges]


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
data = dataset[0]
data.x = torch.randn(data.num_nodes, 16)
data = data.to(device)
net = Net().to(device)
out = net(data.x, data.edge_index)
