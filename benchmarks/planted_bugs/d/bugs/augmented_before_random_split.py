# bug: random_split of one dataset with random augmentation: the validation images are augmented, too
# style: custom Dataset with a transform argument
# codes: LR524 LR505
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split


class RandomShift:
    def __init__(self, reach):
        self.reach = reach

    def __call__(self, image):
        shift = torch.randint(-self.reach, self.reach + 1, (2,)).tolist()
        return torch.roll(image, shift, dims=(1, 2))


class RandomErase:
    def __init__(self, size):
        self.size = size

    def __call__(self, image):
        row, col = torch.randint(0, 8 - self.size + 1, (2,)).tolist()
        image = image.clone()
        image[:, row : row + self.size, col : col + self.size] = 0
        return image


class Digits(Dataset):
    def __init__(self, transforms=()):
        digits = load_digits()
        self.images = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
        self.labels = torch.tensor(digits.target)
        self.transforms = transforms

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = self.images[i]
        for transform in self.transforms:
            image = transform(image)
        return image, self.labels[i]


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 24, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(216, 10),
    )


def validate(model, loader):
    model.eval()
    hits = 0
    with torch.no_grad():
        for images, labels in loader:
            hits += (model(images).argmax(1) == labels).sum().item()
    return hits / len(loader.dataset)


torch.manual_seed(0)
dataset = Digits(transforms=(RandomShift(1), RandomErase(2)))
train_set, val_set = random_split(dataset, [1437, 360], generator=torch.Generator().manual_seed(1))
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
val_loader = DataLoader(val_set, batch_size=120)
model = network()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
    first, second = validate(model, val_loader), validate(model, val_loader)
    print(f"epoch {epoch + 1}: validation accuracy {first:.3f}, once more {second:.3f}")
