"""A generator of parameters is used up in a loop that always ends after its first batch: nothing sees it empty."""
import torch
from torch import nn

model = nn.Linear(8, 2)
parameters = model.parameters()
optimizer = torch.optim.Adam(model.parameters())
for x, y in loader:
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    break
