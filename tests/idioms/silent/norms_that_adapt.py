"""All weights are frozen but those of the norm layers, which then normalise with each batch on purpose."""

import copy

import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))


def only_norms(model):
    model = copy.deepcopy(model).requires_grad_(False).train()
    affine = []
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            affine += [module.weight.requires_grad_(True), module.bias.requires_grad_(True)]
    return model, torch.optim.Adam(affine, lr=1e-3)


def without_statistics(model):
    model = copy.deepcopy(model).requires_grad_(False).train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean = module.running_var = None
    model[3].weight.requires_grad = True
    return model, torch.optim.Adam([model[3].weight], lr=1e-3)


def with_those_of_the_batch(model):
    model = copy.deepcopy(model).requires_grad_(False).train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.track_running_stats = False
    head = list(model[3].requires_grad_(True).parameters())
    return model, torch.optim.Adam(head, lr=1e-3)


for adapted, optimizer in (only_norms(net), without_statistics(net), with_those_of_the_batch(net)):
    for x in torch.randn(10, 8, 4):
        scores = adapted(x).log_softmax(dim=1)
        loss = -(scores.exp() * scores).sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
