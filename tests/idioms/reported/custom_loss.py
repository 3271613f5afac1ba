import torch
import torch.nn as nn
import torch.nn.functional as F


class Loss(nn.Module):
    def __init__(self):
        super().__init__()
        self.ce = nn.CrossEntropyLoss()

    def forward(self, out, y):
        return self.ce(out.softmax(1), y)  # error: softmax-before-cross-entropy
