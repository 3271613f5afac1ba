import torch
import torch.nn as nn
import torch.nn.functional as F


class V(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Linear(784, 20)
        self.d = nn.Linear(20, 784)

    def forward(self, x):
        return torch.sigmoid(self.d(F.relu(self.e(x))))


v = V()
opt = torch.optim.Adam(v.parameters())
for x, _ in torch.utils.data.DataLoader(DS, 32, shuffle=True):
    x = x.view(-1, 784)
    r = v(x)
    opt.zero_grad()
    F.mse_loss(r, x).backward()
    opt.step()
