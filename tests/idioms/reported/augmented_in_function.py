import torch
from torch import nn
from torchvision import datasets, transforms
from torch.utils.data import DataLoader

augment = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomCrop(32, padding=4), transforms.ToTensor()])


def loaders(root, size=128):
    train = datasets.CIFAR10(root, train=True, transform=augment, download=True)
    test = datasets.CIFAR10(root, train=False, transform=augment)  # error: augmented-test-data
    return DataLoader(train, size, shuffle=True), DataLoader(test, size)


train_loader, test_loader = loaders("data")
