"""Frameworks that give the model back wrapped: it is the same model inside."""

import lightning as L
import torch
import torch.nn as nn
from accelerate import Accelerator


def make_net(width):
    class Inner(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = nn.Linear(12, width), nn.Linear(width, 1)

        def forward(self, x):
            return self.head(torch.relu(self.body(x))).squeeze(-1)

    return Inner()


accelerator = Accelerator()
net = make_net(32)
optimizer = torch.optim.AdamW(net.parameters())
net, optimizer, batches = accelerator.prepare(net, optimizer, given_batches)
bce = nn.BCELoss()
for features, label in batches:
    with accelerator.accumulate(net):
        loss = bce(net(features), label.float())  # error: bce-on-logits
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()

fabric = L.Fabric()
other = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(dim=1))
sgd = torch.optim.SGD(other.parameters(), lr=0.1)
other, sgd = fabric.setup(other, sgd)
for x, y in fabric.setup_dataloaders(given_batches):
    sgd.zero_grad()
    loss = nn.functional.cross_entropy(other(x), y)  # error: softmax-before-cross-entropy
    fabric.backward(loss)
    sgd.step()
