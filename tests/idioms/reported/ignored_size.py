import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.fc1 = nn.Linear(in_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, 10)  # error: unused-constructor-argument

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


net = Net(784, 128, 10)
