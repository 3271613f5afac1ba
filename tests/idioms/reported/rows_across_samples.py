import torch
from torch import nn
from torchvision import datasets, transforms
from torch.utils.data import DataLoader

net = nn.Sequential(nn.Linear(784, 10))
for x, y in DataLoader(datasets.MNIST(".", transform=transforms.ToTensor()), batch_size=100):
    x = x.view(784, -1).t()  # error: batch-dim-mixed
    print(net(x))
for x, y in DataLoader(datasets.CIFAR10(".", transform=transforms.ToTensor()), batch_size=100):
    x = x.view(-1, 784)  # error: batch-dim-mixed
