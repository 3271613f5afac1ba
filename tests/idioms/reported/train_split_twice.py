import torch
from torch import nn
from torchvision import datasets, transforms
from torch.utils.data import DataLoader

t = transforms.ToTensor()
train_ds = datasets.MNIST("d", train=True, transform=t)
test_ds = datasets.MNIST("d", train=True, transform=t)  # error: train-data-as-test
train_dl = DataLoader(train_ds, batch_size=64, shuffle=True)
test_dl = DataLoader(test_ds, batch_size=64, shuffle=False)
