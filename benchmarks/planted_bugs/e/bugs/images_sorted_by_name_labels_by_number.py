# bug: image files are listed in the order of their names ("10.npy" before "2.npy"), the labels stay in numerical order: they do not belong together
# style: folder of .npy images with a labels.csv, own Dataset, temporary directory, train script
# codes: LR711 LR705
import csv
import tempfile
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split


def export_images(root):
    """Writes the images as the labelling tool would: one file per image and one table of labels."""
    digits = load_digits()
    (root / "images").mkdir()
    order = np.random.default_rng(0).permutation(len(digits.target))
    with open(root / "labels.csv", "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "label"])
        for number, index in enumerate(order):
            np.save(root / "images" / f"{number}.npy", digits.images[index].astype("float32"))
            writer.writerow([number, digits.target[index]])


class ImageFolderWithTable(Dataset):
    def __init__(self, root):
        self.files = sorted((root / "images").glob("*.npy"), key=lambda path: path.name)
        with open(root / "labels.csv", encoding="utf-8") as handle:
            self.labels = [int(row["label"]) for row in csv.DictReader(handle)]
        assert len(self.files) == len(self.labels)
        self.images = [torch.from_numpy(np.load(path)).unsqueeze(0) / 16 for path in self.files]

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        return self.images[index], self.labels[index]


class ConvNet(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
        )
        self.head = nn.Linear(64, n_classes)

    def forward(self, images):
        return self.head(self.body(images))


def epoch_pass(model, loader, criterion, optimizer=None):
    training = optimizer is not None
    model.train(training)
    loss_sum, hits, n = 0.0, 0, 0
    with torch.set_grad_enabled(training):
        for images, labels in loader:
            logits = model(images)
            loss = criterion(logits, labels)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(labels)
            hits += (logits.argmax(1) == labels).sum().item()
            n += len(labels)
    return loss_sum / n, hits / n


def main():
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        export_images(root)
        dataset = ImageFolderWithTable(root)
    train_set, val_set = random_split(dataset, [1500, len(dataset) - 1500])
    train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=99)
    model = ConvNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(8):
        train_loss, train_acc = epoch_pass(model, train_loader, criterion, optimizer)
        val_loss, val_acc = epoch_pass(model, val_loader, criterion)
        print(f"{epoch + 1}: train {train_loss:.4f}/{train_acc:.3f}  val {val_loss:.4f}/{val_acc:.3f}")


if __name__ == "__main__":
    main()
