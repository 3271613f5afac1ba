"""A trainer asks which kind of scheduler it was given."""

import torch
import torch.nn.functional as F
from torch import nn, optim


class Trainer:
    def __init__(self, net, optimizer):
        self.net, self.optimizer, self.scheduler, self.per_batch = net, optimizer, None, False

    def schedule(self, scheduler):
        if scheduler.optimizer == self.optimizer:
            self.scheduler = scheduler
            if isinstance(scheduler, optim.lr_scheduler.CyclicLR) or isinstance(scheduler, optim.lr_scheduler.OneCycleLR):
                self.per_batch = True
            else:
                self.per_batch = False

    def fit(self, batches):
        for epoch in range(10):
            for x, y in batches:
                F.cross_entropy(self.net(x), y).backward()
                self.optimizer.step()
                self.optimizer.zero_grad()
                if self.scheduler and self.per_batch:
                    self.scheduler.step()
            if self.scheduler and not self.per_batch:
                if isinstance(self.scheduler, optim.lr_scheduler.ReduceLROnPlateau):
                    self.scheduler.step(validate(self.net))
                else:
                    self.scheduler.step()


net = nn.Linear(20, 4)
optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
trainer = Trainer(net, optimizer)
loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True)
trainer.schedule(optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.001, max_lr=0.01, step_size_up=len(loader)))
trainer.fit(loader)
