import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
ds = torch.utils.data.TensorDataset(torch.randn(10, 4), torch.randint(0, 3, (10,)))
for x, y in torch.utils.data.DataLoader(ds, 2, shuffle=True):
    p = F.log_softmax(net(x), dim=0)  # error: softmax-dim
    F.nll_loss(p, y).backward()
