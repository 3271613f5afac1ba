import torch
import torch.nn as nn
import torch.nn.functional as F

from torchvision import datasets, transforms

ds = datasets.MNIST(".", transform=transforms.ToTensor())
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
crit = nn.BCEWithLogitsLoss()  # error: bce-on-multiclass
for x, y in torch.utils.data.DataLoader(ds, batch_size=32, shuffle=True):
    t = torch.zeros(y.size(0), 10)
    t.scatter_(1, y.view(-1, 1), 1)
    loss = crit(net(x), t)
