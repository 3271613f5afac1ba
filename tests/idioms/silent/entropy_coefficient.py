"""A coefficient that is a leaf of its own, held by an object."""

import torch
import torch.nn.functional as F
from torch import nn


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor = nn.Linear(3, 2)
        self.log_alpha = torch.tensor(-4.6)
        self.log_alpha.requires_grad = True
        self.alpha_optimizer = torch.optim.Adam([self.log_alpha], lr=1e-3)

    def tune(self, log_probability):
        self.alpha_optimizer.zero_grad()
        loss = -(self.log_alpha.exp() * (log_probability - 1.0).detach()).mean()
        loss.backward()
        self.alpha_optimizer.step()


agent = Agent()
for step in range(100):
    agent.tune(F.log_softmax(agent.actor(torch.randn(8, 3)), dim=1)[:, 0])
