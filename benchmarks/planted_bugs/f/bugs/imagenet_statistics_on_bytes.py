# bug: Normalize with the ImageNet statistics (for values in [0, 1]) is applied to pixels in [0, 255]
# style: Kaggle image script: torchvision transforms in a Dataset, small CNN, cosine schedule
# codes: LR516 LR712
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

SEED, IMG, N_TRAIN, N_VALID = 77, 20, 480, 160
CLASSES = ["ripe", "unripe", "rotten"]


def draw_fruit(rng, label):
    """An RGB picture (uint8) of a round fruit on a grey table."""
    base = np.array([[200, 60, 50], [150, 150, 60], [150, 80, 60]], dtype="float32")[label]
    image = np.full((IMG, IMG, 3), 120, dtype="float32") + rng.normal(0, 18, (IMG, IMG, 3))
    yy, xx = np.mgrid[:IMG, :IMG]
    cy, cx, r = rng.integers(7, 13), rng.integers(7, 13), rng.integers(4, 7)
    inside = (yy - cy) ** 2 + (xx - cx) ** 2 < r**2
    image[inside] = base + rng.normal(0, 22, (inside.sum(), 3)) + rng.normal(0, 25)
    if label == 2:
        image[(yy - cy - 1) ** 2 + (xx - cx) ** 2 < 4] *= 0.55
    return image.clip(0, 255).astype("uint8")


class FruitDataset(Dataset):
    def __init__(self, n, seed, transform):
        rng = np.random.default_rng(seed)
        self.labels = rng.integers(0, len(CLASSES), n)
        self.images = [draw_fruit(rng, label) for label in self.labels]
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        image = torch.from_numpy(self.images[idx]).permute(2, 0, 1).float()
        return self.transform(image), int(self.labels[idx])


normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
train_tf = transforms.Compose([transforms.RandomHorizontalFlip(), normalize])
valid_tf = transforms.Compose([normalize])


class SmallCNN(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 12, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(12, 24, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
        )
        self.classifier = nn.Linear(96, n_classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def main():
    torch.manual_seed(SEED)
    train_loader = DataLoader(FruitDataset(N_TRAIN, 1, train_tf), batch_size=32, shuffle=True)
    valid_loader = DataLoader(FruitDataset(N_VALID, 2, valid_tf), batch_size=80)
    model = SmallCNN(len(CLASSES))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    epochs = 8
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for epoch in range(epochs):
        model.train()
        train_loss = 0.0
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            train_loss += loss.item() * len(labels)
        scheduler.step()
        model.eval()
        hits = 0
        with torch.no_grad():
            for images, labels in valid_loader:
                hits += (model(images).argmax(1) == labels).sum().item()
        print(f"Epoch {epoch + 1}: train_loss={train_loss / N_TRAIN:.4f} valid_acc={hits / N_VALID:.4f}")


if __name__ == "__main__":
    main()
