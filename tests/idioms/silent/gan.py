import torch
import torch.nn as nn
import torch.nn.functional as F

G = nn.Sequential(nn.Linear(10, 784), nn.Tanh())
D = nn.Sequential(nn.Linear(784, 1))
bce = nn.BCEWithLogitsLoss()
oG = torch.optim.Adam(G.parameters())
oD = torch.optim.Adam(D.parameters())
for x, _ in loader:
    z = torch.randn(x.size(0), 10)
    fake = G(z)
    ones = torch.ones(x.size(0), 1)
    zeros = torch.zeros(x.size(0), 1)
    lossD = bce(D(x.view(x.size(0), -1)), ones) + bce(D(fake.detach()), zeros)
    oD.zero_grad()
    lossD.backward()
    oD.step()
    lossG = bce(D(fake), ones)
    oG.zero_grad()
    lossG.backward()
    oG.step()
