import torch
import torch.nn as nn
import torch.nn.functional as F

enc = nn.Linear(4, 8)
opt = torch.optim.SGD(enc.parameters(), lr=0.1)
for a, b in loader:
    za, zb = F.normalize(enc(a), dim=1), F.normalize(enc(b), dim=1)
    logits = za @ zb.t() / 0.1
    labels = torch.arange(len(a))
    loss = F.cross_entropy(logits, labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
