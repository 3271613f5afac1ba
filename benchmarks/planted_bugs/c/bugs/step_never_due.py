# bug: `i % EVERY == EVERY` is never true, so the optimizer never steps (and nothing is ever cleared)
# style: gradient accumulation, CNN for segmentation
# codes: LR303 LR325 LR704 LR705 LR708
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
EVERY = 4


def squares(count, size=12):
    """Noisy images with one bright square, and its mask."""
    masks = torch.zeros(count, 1, size, size)
    for mask in masks:
        top, left = torch.randint(1, size - 5, (2,)).tolist()
        mask[:, top : top + 4, left : left + 4] = 1.0
    return masks * 0.7 + torch.randn_like(masks) * 0.3, masks


def overlap(logits, masks):
    found, wanted = logits > 0, masks > 0.5
    return (found & wanted).sum().item() / max((found | wanted).sum().item(), 1)


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.mask = nn.Conv2d(8, 1, 1)

    def forward(self, image):
        return self.mask(torch.relu(self.second(torch.relu(self.first(image)))))


loader = DataLoader(TensorDataset(*squares(480)), batch_size=12, shuffle=True)
images, masks = squares(80)
model = Segmenter()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    model.train()
    total = 0.0
    for i, (image, mask) in enumerate(loader, start=1):
        loss = criterion(model(image), mask)
        (loss / EVERY).backward()
        if i % EVERY == EVERY:
            optimizer.step()
            optimizer.zero_grad()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        print(f"epoch {epoch}: loss {total / len(loader):.3f}, overlap {overlap(model(images), masks):.3f}")
