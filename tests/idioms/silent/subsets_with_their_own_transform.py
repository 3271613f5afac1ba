# not: split-shares-transform
from sklearn.model_selection import KFold
from torch.utils.data import DataLoader, Subset
from torchvision import datasets
from torchvision import transforms as T

plain = datasets.CIFAR10("data", transform=T.ToTensor())
flipped = datasets.CIFAR10("data", transform=T.Compose([T.RandomHorizontalFlip(), T.ToTensor()]))
for first, second in KFold(5).split(range(50000)):
    fold_loader = DataLoader(Subset(flipped, first), batch_size=32, shuffle=True)
    rest_loader = DataLoader(Subset(plain, second), batch_size=32)

one = Subset(datasets.CIFAR10("data", transform=T.Compose([T.RandomHorizontalFlip(), T.ToTensor()])), range(1000))
loader = DataLoader(one, batch_size=32, shuffle=True)
shown = DataLoader(one, batch_size=8)
