"""States that no change of the parameters reaches, or that are meant to have it."""

import copy

import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
other = nn.Linear(4, 2)
noisy = copy.deepcopy(other)
optimizer = torch.optim.SGD(other.parameters(), lr=0.1)
x, y = torch.ones(3, 4), torch.ones(3, 2)


def new_tensors():
    old = net.state_dict()
    for p in net.parameters():
        p.data = p.data + 0.1 * torch.randn_like(p)
    net.load_state_dict(old)


def a_copy():
    old = copy.deepcopy(net.state_dict())
    for p in net.parameters():
        p.data += 0.1 * torch.randn_like(p)
    net.load_state_dict(old)


def another_model():
    old = net.state_dict()
    for p in other.parameters():
        p.data += 0.1 * torch.randn_like(p)
    net.load_state_dict(old)


def a_copy_of_the_model():
    old = other.state_dict()
    for p in noisy.parameters():
        p.data += 0.1 * torch.randn_like(p)
    other.load_state_dict(old)


def saved_as_it_is_now():
    state = net.state_dict()
    for p in net.parameters():
        p.data.clamp_(-1, 1)
    torch.save(state, "net.pt")


def copies_of_parameters():
    old = net.state_dict()
    for p in net.parameters():
        p.clone().add_(1)
        (p * 2).add_(1)
        p.data.double().add_(1)
        p.detach().cpu().add_(1)
        p.requires_grad_(False)
    net.load_state_dict(old)


def gradients():
    old = net.state_dict()
    net(x).sum().backward()
    for p in net.parameters():
        p.grad.zero_()
    net.load_state_dict(old)


def own_tensors(flag):
    old = net.state_dict()
    for key in old:
        old[key] = old[key].clone()
    for p in net.parameters():
        p.data += 0.1 * torch.randn_like(p)
    net.load_state_dict(old)


def either(flag):
    old = net.state_dict()
    if flag:
        for p in net.parameters():
            p.data += 0.1 * torch.randn_like(p)
    else:
        net.load_state_dict(old)


def another_is_trained():
    old = net.state_dict()
    for _ in range(100):
        optimizer.zero_grad()
        ((other(x) - y) ** 2).mean().backward()
        optimizer.step()
    net.load_state_dict(old)


def updated():
    state = other.state_dict()
    for _ in range(100):
        optimizer.zero_grad()
        ((other(x) - y) ** 2).mean().backward()
        optimizer.step()
    state.update(torch.load("other.pt", weights_only=True))
    other.load_state_dict(state)


def handed_over(changed):
    state = other.state_dict()
    changed(state)
    for _ in range(100):
        optimizer.zero_grad()
        ((other(x) - y) ** 2).mean().backward()
        optimizer.step()
    other.load_state_dict(state)


def of_the_optimizer(model, loader, optimizer, criterion):
    kept = optimizer.state_dict()
    model.train()
    for inputs, labels in loader:
        optimizer.zero_grad()
        criterion(model(inputs), labels).backward()
        optimizer.step()
    optimizer.load_state_dict(kept)


new_tensors()
a_copy()
another_model()
a_copy_of_the_model()
saved_as_it_is_now()
copies_of_parameters()
gradients()
own_tensors(bool(input()))
either(bool(input()))
another_is_trained()
updated()
