"""Gradients that are too large are dropped: the scaler steps with nothing, and the iteration ends."""

import torch
import torch.nn.functional as F
from torch import nn


class Trainer:
    def __init__(self, settings):
        self.net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
        self.optimizer = torch.optim.Adam(self.net.parameters())
        self.scaler = torch.amp.GradScaler()
        self.settings = settings

    def update(self, x, y):
        done = False
        while not done:
            self.optimizer.zero_grad()
            with torch.autocast("cuda"):
                loss = F.cross_entropy(self.net(x), y)
            self.scaler.scale(loss).backward()
            if hasattr(self.settings, "limit"):
                self.scaler.unscale_(self.optimizer)
                norm = nn.utils.clip_grad_norm_(self.net.parameters(), self.settings.limit)
                if norm > self.settings.limit:
                    if self.settings.skip:
                        self.optimizer.zero_grad()
                        self.scaler.step(self.optimizer)
                        self.scaler.update()
                        break
            self.scaler.step(self.optimizer)
            self.scaler.update()
            done = True
