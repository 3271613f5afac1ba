import torch
import torch.nn as nn
import torch.nn.functional as F

ds = torch.utils.data.TensorDataset(torch.randn(10, 4), torch.randint(0, 3, (10,)))
net = nn.Linear(4, 3)
for x, y in torch.utils.data.DataLoader(ds):
    loss = F.cross_entropy(y, net(x))  # error: swapped-loss-arguments
