"""A loss that has lost its graph, and is told to need a gradient again; the batches are not known."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable

net = nn.Linear(30, 4)
opt = torch.optim.Adam(net.parameters())
for x, y in batches():
    opt.zero_grad()
    loss = F.mse_loss(net(x).argmax(1).float(), y.float())
    loss.requires_grad_(True)  # error: rewrapped-loss
    loss.backward()
    opt.step()
for x, y in batches():
    opt.zero_grad()
    accuracy = (net(x).argmax(1) == y).float().mean()
    loss = Variable(1 - accuracy, requires_grad=True)  # error: rewrapped-loss
    loss.backward()
    opt.step()
for x, y in batches():
    opt.zero_grad()
    loss = Variable(F.cross_entropy(net(x), y), requires_grad=True)  # error: rewrapped-loss
    loss.backward()
    opt.step()
for x, y in batches():
    opt.zero_grad()
    loss = F.l1_loss(torch.max(net(x), 1)[1].float(), y)
    loss.backward()  # error: loss-without-gradient
    opt.step()
for x, y in batches():
    opt.zero_grad()
    predicted = torch.tensor(net(x).argmax(1))
    loss = F.mse_loss(predicted.float().requires_grad_(True), y.float())  # error: rewrapped-loss
    loss.backward()
    opt.step()
for x, y in batches():
    opt.zero_grad()
    wrong = torch.tensor(1 - (net(x).argmax(1) == y).float().mean().item(), requires_grad=True)  # error: rewrapped-loss
    wrong.backward()
    opt.step()
for x, y in batches():
    opt.zero_grad()
    out = torch.tensor(net(x), requires_grad=True)  # error: rewrapped-loss
    F.cross_entropy(out, y).backward()
    opt.step()
