"""Values without a graph that are made leaves on purpose: their own gradient is wanted. And targets that are not known."""
# not: rewrapped-loss
# not: loss-without-gradient

import torch
import torch.nn as nn
import torch.nn.functional as F

net, head = nn.Linear(30, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 4))
opt = torch.optim.Adam(net.parameters())


def quantisation(codes, encoded):
    return F.mse_loss(codes.detach(), encoded) + 0.25 * F.mse_loss(codes, encoded.detach())


for x, y in batches():
    opt.zero_grad()
    out = net(x)
    logits = out.detach().requires_grad_()  # not a loss: the gradient of the logits is what is wanted
    F.cross_entropy(logits, y).backward()
    out.backward(logits.grad)
    loss = F.cross_entropy(net(x), y)
    loss.requires_grad_(True)  # it needs one already
    loss.backward()
    F.mse_loss(net(x).detach(), encoded(y)).backward()  # only the other side is trained
    quantisation(net(x), encoded(y)).backward()
    opt.step()
