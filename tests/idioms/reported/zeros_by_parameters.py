import torch, torch.nn as nn, torch.nn.functional as F
net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
for p in net.parameters():
    nn.init.zeros_(p)  # error: bad-initialisation
opt = torch.optim.SGD(net.parameters(), lr=.1)
for x, y in loader:
    opt.zero_grad(); F.cross_entropy(net(x), y).backward(); opt.step()
