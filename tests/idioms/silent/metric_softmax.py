import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), 0.1)
net.train()
for x, y in loader:
    logits = net(x)
    probs = F.softmax(logits, dim=1)
    loss = F.cross_entropy(logits, y)
    conf = probs.max(1)[0].mean().item()
    opt.zero_grad()
    loss.backward()
    opt.step()
