# bug: the validation runs without no_grad and collects the logits: every validation batch keeps its graph until the end
# style: Kaggle inference/validation functions, out-of-fold predictions collected in a list, macro F1
# codes: LR206 LR305
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from torch.utils.data import DataLoader, Dataset


class CFG:
    n_fold = 2
    epochs = 5
    train_bs = 32
    valid_bs = 64
    lr = 2e-3
    seed = 1234


class DigitDataset(Dataset):
    def __init__(self, images, labels):
        self.images = images
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = torch.tensor(self.images[i], dtype=torch.float32).unsqueeze(0) / 16
        return image, torch.tensor(self.labels[i])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, 24, 3, padding=1),
            nn.BatchNorm2d(24),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(24, 48, 3, padding=1),
            nn.BatchNorm2d(48),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Linear(48, 10)

    def forward(self, x):
        return self.head(self.backbone(x))


def train_fn(model, loader, criterion, optimizer):
    model.train()
    losses = []
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.mean(losses)


def valid_fn(model, loader, criterion):
    model.eval()
    losses, logits = [], []
    for images, labels in loader:
        y_preds = model(images)
        losses.append(criterion(y_preds, labels).item())
        logits.append(y_preds)
    return np.mean(losses), torch.cat(logits)


def main():
    torch.manual_seed(CFG.seed)
    digits = load_digits()
    oof = np.zeros(len(digits.target), dtype=int)
    folds = StratifiedKFold(n_splits=CFG.n_fold, shuffle=True, random_state=CFG.seed)
    for fold, (trn, val) in enumerate(folds.split(digits.data, digits.target)):
        train_loader = DataLoader(DigitDataset(digits.images[trn], digits.target[trn]), CFG.train_bs, shuffle=True)
        valid_loader = DataLoader(DigitDataset(digits.images[val], digits.target[val]), CFG.valid_bs)
        model = Net()
        criterion = nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=CFG.lr)
        for epoch in range(CFG.epochs):
            train_loss = train_fn(model, train_loader, criterion, optimizer)
            valid_loss, logits = valid_fn(model, valid_loader, criterion)
            preds = logits.argmax(1).cpu().numpy()
            score = f1_score(digits.target[val], preds, average="macro")
            print(f"fold {fold} epoch {epoch} train {train_loss:.4f} valid {valid_loss:.4f} f1 {score:.4f}")
        oof[val] = preds
    print(f"CV f1 {f1_score(digits.target, oof, average='macro'):.4f}")


if __name__ == "__main__":
    main()
