# clean: CutMix: rectangles are exchanged within the batch and the loss is a weighted sum over both targets
# style: Kaggle image script, cutmix() helper, seeds, cosine schedule per epoch
# tempts: LR705 (the training loss stays high), LR514 (pixels move between samples), LR118
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


class CFG:
    seed = 7
    epochs = 14
    batch_size = 64
    lr = 4e-3
    cutmix_alpha = 1.0
    cutmix_prob = 0.5


def rand_bbox(height, width, lam, rng):
    ratio = np.sqrt(1.0 - lam)
    cut_h, cut_w = int(height * ratio), int(width * ratio)
    cy, cx = rng.integers(height), rng.integers(width)
    y1, y2 = np.clip([cy - cut_h // 2, cy + (cut_h + 1) // 2], 0, height)
    x1, x2 = np.clip([cx - cut_w // 2, cx + (cut_w + 1) // 2], 0, width)
    return y1, y2, x1, x2


def cutmix(images, labels, alpha, rng):
    lam = rng.beta(alpha, alpha)
    order = torch.randperm(images.size(0))
    y1, y2, x1, x2 = rand_bbox(images.size(2), images.size(3), lam, rng)
    mixed = images.clone()
    mixed[:, :, y1:y2, x1:x2] = images[order, :, y1:y2, x1:x2]
    lam = 1.0 - (y2 - y1) * (x2 - x1) / (images.size(2) * images.size(3))
    return mixed, labels, labels[order], float(lam)


def build_model():
    return nn.Sequential(
        nn.Conv2d(1, 24, 3, padding=1, bias=False),
        nn.BatchNorm2d(24),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(24, 48, 3, padding=1, bias=False),
        nn.BatchNorm2d(48),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(48 * 16, 10),
    )


def train_one_epoch(model, loader, criterion, optimizer, rng):
    model.train()
    total, seen = 0.0, 0
    for images, labels in loader:
        if rng.random() < CFG.cutmix_prob:
            images, target_a, target_b, lam = cutmix(images, labels, CFG.cutmix_alpha, rng)
            output = model(images)
            loss = lam * criterion(output, target_a) + (1.0 - lam) * criterion(output, target_b)
        else:
            loss = criterion(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        seen += len(labels)
    return total / seen


@torch.no_grad()
def validate(model, loader, criterion):
    model.eval()
    loss, hits, seen = 0.0, 0, 0
    for images, labels in loader:
        output = model(images)
        loss += criterion(output, labels).item() * len(labels)
        hits += (output.argmax(dim=1) == labels).sum().item()
        seen += len(labels)
    return loss / seen, hits / seen


def main():
    torch.manual_seed(CFG.seed)
    rng = np.random.default_rng(CFG.seed)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target)
    train, valid = train_test_split(np.arange(len(labels)), test_size=0.2, stratify=labels, random_state=CFG.seed)
    train_loader = DataLoader(
        TensorDataset(images[train], labels[train]), batch_size=CFG.batch_size, shuffle=True, drop_last=True
    )
    valid_loader = DataLoader(TensorDataset(images[valid], labels[valid]), batch_size=120)
    model = build_model()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=CFG.lr, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=CFG.epochs)
    for epoch in range(CFG.epochs):
        train_loss = train_one_epoch(model, train_loader, criterion, optimizer, rng)
        valid_loss, valid_acc = validate(model, valid_loader, criterion)
        scheduler.step()
        print(f"epoch {epoch:2d} train {train_loss:.4f} valid {valid_loss:.4f} acc {valid_acc:.4f}")


if __name__ == "__main__":
    main()
