import torch
import torch.nn as nn
import torch.nn.functional as F

m = nn.Sequential(nn.Linear(4, 3), nn.Softmax(1))
opt = torch.optim.LBFGS(m.parameters())
for x, y in loader:

    def closure():
        opt.zero_grad()
        loss = F.cross_entropy(m(x), y)  # error: softmax-before-cross-entropy
        loss.backward()
        return loss

    opt.step(closure)
