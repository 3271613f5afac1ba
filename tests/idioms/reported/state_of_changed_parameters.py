"""The state is the parameters themselves: what is written into them by hand is in it."""

import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
x = torch.ones(1, 4)


def with_noise():
    old = net.state_dict()  # error: state-dict-alias
    for p in net.parameters():
        p.data += 0.1 * torch.randn_like(p)
    print(net(x))
    net.load_state_dict(old)


def without_gradient():
    old = net.state_dict()  # error: state-dict-alias
    with torch.no_grad():
        for p in net.parameters():
            p.add_(0.1 * torch.randn_like(p))
    print(net(x))
    net.load_state_dict(old)


def pruned():
    old = net.state_dict()  # error: state-dict-alias
    for _, p in net.named_parameters():
        p.data[p.abs() < 0.1] = 0
    print(net(x))
    net.load_state_dict(old)


def one_part():
    old = net.state_dict()  # error: state-dict-alias
    for p in net[0].parameters():
        p.data.zero_()
    print(net(x))
    net.load_state_dict(old)


def of_another(model, noise):
    old = model.state_dict()  # error: state-dict-alias
    for p, n in zip(model.parameters(), noise):
        p.data += n
    print(model(x))
    model.load_state_dict(old)


def trained(model, loader, optimizer, criterion, epochs):
    best, lowest = None, 1e9
    for _ in range(epochs):
        model.train()
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
        if loss.item() < lowest:
            lowest, best = loss.item(), None
            best = model.state_dict()  # error: state-dict-alias
    model.load_state_dict(best)


with_noise()
without_gradient()
pruned()
one_part()
