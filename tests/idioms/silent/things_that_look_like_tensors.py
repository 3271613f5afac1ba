import torch
import torchmetrics
from accelerate import Accelerator
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from parts import make, metric


class Accuracy(torchmetrics.Accuracy):
    def __init__(self, dist_sync_on_step=False):
        super().__init__(dist_sync_on_step=dist_sync_on_step)


accelerator = Accelerator()
model = accelerator.prepare(make())
model = model.cpu()
model.to(accelerator.device)
accuracy = Accuracy(task="binary")
combined = metric() + 1
combined.detach(accelerator)
rows = torch.zeros(4, 3)
rows.scatter_(1, torch.tensor([[0], [1], [2], [0]]), 1).float()
train_set = datasets.ImageFolder("data/train", transforms.ToTensor())
valid_set = datasets.ImageFolder("data/val", transforms.ToTensor())
train_loader = DataLoader(train_set, batch_size=8, shuffle=True)
valid_loader = DataLoader(valid_set, batch_size=8)
