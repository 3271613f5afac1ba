# bug: the Dice term is computed from the thresholded mask: it has a value, but no gradient
# style: binary segmentation of small lesions, combined loss, classes
# codes: LR112
import torch
import torch.nn.functional as F
from torch import nn


def lesions(count, size=20, seed=None):
    """Dim images, each with one small bright spot that is to be outlined."""
    generator = torch.Generator().manual_seed(seed)
    grid = torch.arange(size).float()
    centre = torch.rand(count, 2, generator=generator) * (size - 6) + 3
    radius = 1.2 + torch.rand(count, 1, 1, generator=generator)
    distance = (grid.view(1, -1, 1) - centre[:, 0, None, None]) ** 2 + (
        grid.view(1, 1, -1) - centre[:, 1, None, None]
    ) ** 2
    mask = (distance <= radius**2).float().unsqueeze(1)
    images = 0.8 * mask + 0.5 * torch.randn(count, 1, size, size, generator=generator)
    return images, mask


class DiceLoss(nn.Module):
    def __init__(self, smooth=1.0):
        super().__init__()
        self.smooth = smooth

    def forward(self, logits, target):
        mask = (torch.sigmoid(logits) > 0.5).float()
        overlap = (mask * target).sum(dim=(1, 2, 3))
        total = mask.sum(dim=(1, 2, 3)) + target.sum(dim=(1, 2, 3))
        return 1 - ((2 * overlap + self.smooth) / (total + self.smooth)).mean()


class CombinedLoss(nn.Module):
    def __init__(self, share):
        super().__init__()
        self.dice = DiceLoss()
        self.share = share

    def forward(self, logits, target):
        pixels = F.binary_cross_entropy_with_logits(logits, target)
        return self.share * self.dice(logits, target) + (1 - self.share) * pixels


def conv(fan_in, fan_out):
    return nn.Sequential(nn.Conv2d(fan_in, fan_out, 3, padding=1), nn.ReLU())


torch.manual_seed(0)
net = nn.Sequential(conv(1, 8), conv(8, 8), nn.Conv2d(8, 1, 1))
criterion = CombinedLoss(share=0.95)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
images, masks = lesions(600, seed=1)
for epoch in range(6):
    running = 0.0
    for index in torch.randperm(len(images)).split(30):
        optimizer.zero_grad()
        loss = criterion(net(images[index]), masks[index])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(index)
    print(f"epoch {epoch + 1}: loss {running / len(images):.4f}")

net.eval()
test_images, test_masks = lesions(200, seed=2)
with torch.no_grad():
    print(f"test Dice {1 - DiceLoss()(net(test_images), test_masks).item():.4f}")
