"""The transform belongs to one of two datasets; the other one stops here."""

import sys

import torch
from torchvision import datasets, transforms

if sys.argv[1] == "cifar":
    Dataset = datasets.CIFAR10
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
elif sys.argv[1] == "mnist":
    Dataset = datasets.MNIST
else:
    raise ValueError(sys.argv[1])
for x, y in torch.utils.data.DataLoader(Dataset("data", train=True, transform=transform), batch_size=10, shuffle=True):
    print(x.shape)
