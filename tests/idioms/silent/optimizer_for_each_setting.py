"""A loop over settings, which are counted: each gets an optimizer of its own."""
# not: optimizer-in-loop

import torch
from torch import nn

settings = [(512, 1, 4000), (512, 1, 8000), (256, 1, 4000)]
model = nn.Linear(1, 1)
for number, (size, factor, warmup) in enumerate(settings):
    optimizer = torch.optim.Adam(model.parameters(), lr=1)
    for step in range(1000):
        optimizer.zero_grad()
        model(torch.ones(1, 1)).sum().backward()
        optimizer.step()
    print(number, size, factor, warmup)
