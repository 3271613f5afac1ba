# bug: copy.copy shares the parameters, so that the five members of the ensemble are one and the same network
# style: bagging ensemble with uncertainty, regression
# codes: LR423
import copy

import torch
from torch import nn


class Member(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.first = nn.Linear(1, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, 1)

    def reset(self):
        for layer in (self.first, self.second, self.last):
            layer.reset_parameters()
        return self

    def forward(self, x):
        return self.last(torch.tanh(self.second(torch.tanh(self.first(x)))))


class Ensemble(nn.Module):
    def __init__(self, template, size):
        super().__init__()
        self.members = nn.ModuleList([copy.copy(template).reset() for _ in range(size)])

    def forward(self, x):
        return torch.stack([member(x) for member in self.members])


def truth(x):
    return torch.sin(2 * x) + 0.3 * x


torch.manual_seed(0)
x_train = torch.cat([torch.rand(60, 1) - 2.5, torch.rand(60, 1) + 1.5])
y_train = truth(x_train) + 0.1 * torch.randn_like(x_train)
ensemble = Ensemble(Member(), size=5)
bags = [torch.randint(len(x_train), (len(x_train),)) for _ in ensemble.members]
optimizers = [torch.optim.Adam(member.parameters(), lr=5e-3) for member in ensemble.members]

for step in range(1, 301):
    ensemble.train()
    losses = []
    for member, bag, optimizer in zip(ensemble.members, bags, optimizers, strict=True):
        loss = nn.functional.mse_loss(member(x_train[bag]), y_train[bag])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if step % 100 == 0:
        print(f"step {step}: losses {' '.join(f'{loss:.4f}' for loss in losses)}")

ensemble.eval()
with torch.no_grad():
    inside = torch.cat([torch.linspace(-2.5, -1.5, 50), torch.linspace(1.5, 2.5, 50)]).unsqueeze(1)
    outside = torch.linspace(-0.8, 0.8, 100).unsqueeze(1)
    for name, x in (("inside", inside), ("outside", outside)):
        answers = ensemble(x)
        error = (answers.mean(0) - truth(x)).abs().mean().item()
        print(f"{name}: error {error:.4f}, disagreement {answers.std(0).mean().item():.4f}")
