import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import datasets, transforms

ds = datasets.CIFAR10(".", transform=transforms.ToTensor())
net = nn.Sequential(nn.Flatten(), nn.Linear(3072, 10), nn.Softmax(dim=1))
crit = nn.MSELoss()  # error: mse-on-classes
for x, y in torch.utils.data.DataLoader(ds, 8, shuffle=True):
    loss = crit(net(x), F.one_hot(y, 10).float())
    loss.backward()
