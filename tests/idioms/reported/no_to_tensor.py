import torch
from torch import nn
from torchvision.datasets import MNIST
from torch.utils.data import DataLoader

train = DataLoader(MNIST(".", train=True), batch_size=32, shuffle=True)  # error: missing-to-tensor
for x, y in train:
    print(x, y)
