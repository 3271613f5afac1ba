# bug: the segmentation net takes log_softmax over dim=-1 (the width of the image) instead of the classes
# style: research repository, small U-Net, Trainer class with config dict
# codes: LR115 LR104
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset

CONFIG = {"size": 16, "classes": 3, "train": 320, "val": 96, "batch_size": 16, "epochs": 7, "lr": 3e-3, "seed": 11}


class Lanes(Dataset):
    """Noisy pictures of a road: background 0, asphalt 1, lane marking 2."""

    def __init__(self, n, size, seed):
        g = torch.Generator().manual_seed(seed)
        left = torch.randint(1, 5, (n, 1, 1), generator=g)
        width = torch.randint(6, 10, (n, 1, 1), generator=g)
        column = torch.arange(size).view(1, 1, size).expand(n, size, size)
        slope = torch.randint(0, 2, (n, 1, 1), generator=g) * torch.arange(size).view(1, size, 1) // 6
        start, end = left + slope, left + slope + width
        mask = ((column >= start) & (column < end)).long()
        mask[column == (start + end) // 2] = 2
        palette = torch.tensor([[0.1, 0.5, 0.2], [0.4, 0.4, 0.4], [0.9, 0.9, 0.8]])
        images = palette[mask].permute(0, 3, 1, 2)
        self.images = images + 0.25 * torch.randn(images.shape, generator=g)
        self.masks = mask

    def __len__(self):
        return len(self.masks)

    def __getitem__(self, i):
        return self.images[i], self.masks[i]


def block(cin, cout):
    return nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU())


class SmallUNet(nn.Module):
    def __init__(self, classes, base=12):
        super().__init__()
        self.down1 = block(3, base)
        self.down2 = block(base, base * 2)
        self.up = nn.ConvTranspose2d(base * 2, base, 2, stride=2)
        self.fuse = block(base * 2, base)
        self.head = nn.Conv2d(base, classes, 1)

    def forward(self, x):
        skip = self.down1(x)
        deep = self.down2(F.max_pool2d(skip, 2))
        x = self.fuse(torch.cat([skip, self.up(deep)], dim=1))
        return F.log_softmax(self.head(x), dim=-1)


class Trainer:
    def __init__(self, model, config):
        self.model, self.config = model, config
        self.optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
        self.criterion = nn.NLLLoss()

    def fit(self, train, val):
        for epoch in range(self.config["epochs"]):
            self.model.train()
            losses = []
            for images, masks in train:
                loss = self.criterion(self.model(images), masks)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                losses.append(loss.item())
            print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f}, mIoU {self.mean_iou(val):.4f}")

    @torch.no_grad()
    def mean_iou(self, loader):
        self.model.eval()
        inter = torch.zeros(self.config["classes"])
        union = torch.zeros(self.config["classes"])
        for images, masks in loader:
            predicted = self.model(images).argmax(1)
            for c in range(self.config["classes"]):
                inter[c] += ((predicted == c) & (masks == c)).sum()
                union[c] += ((predicted == c) | (masks == c)).sum()
        return (inter / union.clamp(min=1)).mean().item()


if __name__ == "__main__":
    torch.manual_seed(CONFIG["seed"])
    train_set = Lanes(CONFIG["train"], CONFIG["size"], seed=1)
    val_set = Lanes(CONFIG["val"], CONFIG["size"], seed=2)
    train_loader = DataLoader(train_set, batch_size=CONFIG["batch_size"], shuffle=True)
    Trainer(SmallUNet(CONFIG["classes"]), CONFIG).fit(train_loader, DataLoader(val_set, batch_size=32))
