import torch
from torch import nn
from torchvision import datasets, transforms
from torchvision.transforms import v2
from torch.utils.data import DataLoader, Subset

normalize = transforms.Normalize((0.5,), (0.5,))
grey = transforms.Compose([transforms.Grayscale(3), transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)])
train_tf = v2.Compose([v2.RandomCrop(28, 2), v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
test_tf = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
train = datasets.MNIST("d", True, transform=train_tf)
clean = datasets.MNIST("d", True, transform=test_tf)
test = datasets.MNIST("d", False, transform=grey)
indices = torch.randperm(len(train)).tolist()
train_part, valid_part = Subset(train, indices[:50000]), Subset(clean, indices[50000:])
loaders = {
    "train": DataLoader(train_part, 128, shuffle=True, drop_last=True),
    "valid": DataLoader(valid_part, 256),
    "test": DataLoader(test, 256),
}
