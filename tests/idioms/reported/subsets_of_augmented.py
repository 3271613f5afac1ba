import torch
from sklearn.model_selection import KFold
from torch.utils.data import DataLoader, Subset
from torchvision import datasets
from torchvision import transforms as T

data = datasets.CIFAR10("data", transform=T.Compose([T.RandomCrop(32, 4), T.ToTensor()]))
order = torch.randperm(len(data)).tolist()
train, held = Subset(data, order[:40000]), Subset(data, order[40000:])  # error: split-shares-transform
train_loader = DataLoader(train, batch_size=32, shuffle=True)
held_loader = DataLoader(held, batch_size=32)

flipped = datasets.CIFAR10("data", transform=T.Compose([T.RandomHorizontalFlip(), T.ToTensor()]))
for first, second in KFold(5).split(range(50000)):
    fold_loader = DataLoader(Subset(flipped, first), batch_size=32, shuffle=True)
    rest_loader = DataLoader(Subset(flipped, second), batch_size=32)  # error: split-shares-transform
    for images, labels in fold_loader:
        print(images.mean(), labels.shape)
