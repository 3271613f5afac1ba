import torch
from torch import nn
import torchvision.transforms as T
from torchvision.datasets import FashionMNIST

tf = T.Compose([T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])  # error: normalisation-channels
data = FashionMNIST(".", transform=tf)
loader = torch.utils.data.DataLoader(data, 64, shuffle=True)
for x, y in loader:
    print(x.shape)
