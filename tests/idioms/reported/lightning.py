import torch
import torch.nn as nn
import torch.nn.functional as F

import pytorch_lightning as pl


class M(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 3)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x):
        return torch.softmax(self.net(x), dim=1)

    def training_step(self, batch, batch_idx):
        x, y = batch
        out = self(x)
        return self.loss(out, y)  # error: softmax-before-cross-entropy
