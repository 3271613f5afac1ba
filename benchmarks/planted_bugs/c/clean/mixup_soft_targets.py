# style: mixup, cross entropy with probabilities as targets, softmax only for the confidence that is printed
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(0)
rng = np.random.default_rng(0)
digits = load_digits()
data = TensorDataset(torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16, torch.tensor(digits.target))
train, valid = random_split(data, [1440, 357])


def mixup(images, labels, alpha=0.2):
    weight = float(rng.beta(alpha, alpha))
    other = torch.randperm(len(images))
    soft = F.one_hot(labels, 10).float()
    return weight * images + (1 - weight) * images[other], weight * soft + (1 - weight) * soft[other]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.norm2(self.conv2(x))), 2)
        return self.fc(x.flatten(1))


def validate(model, loader):
    model.eval()
    right, confidence = 0, 0.0
    with torch.no_grad():
        for images, labels in loader:
            top = F.softmax(model(images), dim=1).max(dim=1)
            right += (top.indices == labels).sum().item()
            confidence += top.values.sum().item()
    return right / len(loader.dataset), confidence / len(loader.dataset)


model = Net()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
train_loader, valid_loader = DataLoader(train, 48, shuffle=True), DataLoader(valid, 119)
for epoch in range(5):
    model.train()
    for images, labels in train_loader:
        images, soft = mixup(images, labels)
        optimizer.zero_grad()
        F.cross_entropy(model(images), soft, label_smoothing=0.05).backward()
        optimizer.step()
    accuracy, confidence = validate(model, valid_loader)
    print(f"epoch {epoch}: validation accuracy {accuracy:.3f}, mean confidence {confidence:.3f}")
