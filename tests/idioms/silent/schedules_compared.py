"""One function makes a scheduler for each run that is compared, and some of the runs leave it alone."""

import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR


def compare(name, decay):
    model = nn.Linear(8, 2)
    if name == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    else:
        optimizer = torch.optim.Adam(model.parameters())
    scheduler = StepLR(optimizer, 1)
    for epoch in range(5):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        if decay:
            scheduler.step()


compare("sgd", True)
compare("sgd", False)
compare("adam", False)
