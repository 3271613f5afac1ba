"""Gradients that are cleared in each iteration, and used by one arm of a branch only."""

import torch
import torch.nn.functional as F


class Trainer:
    def __init__(self, net, loader, mixed):
        self.net, self.loader, self.mixed = net, loader, mixed
        self.optim = torch.optim.Adam(net.parameters())
        self.scaler = torch.amp.GradScaler("cuda")

    def epoch(self):
        for x, y in self.loader:
            self.optim.zero_grad()
            if not self.mixed:
                F.cross_entropy(self.net(x), y).backward()  # error: missing-step
            else:
                with torch.autocast("cuda"):
                    loss = F.cross_entropy(self.net(x), y)
                self.scaler.scale(loss).backward()
                self.scaler.step(self.optim)
                self.scaler.update()


def train(model, loader, kind):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        if kind == "classes":
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        elif kind == "values":
            F.mse_loss(model(x), y).backward()
            optimizer.step()
        else:
            F.l1_loss(model(x), y).backward()  # error: missing-step
