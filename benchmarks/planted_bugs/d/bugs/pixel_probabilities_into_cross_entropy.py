# bug: forward returns softmax over the channels, and the pixelwise cross entropy applies it once more
# style: tiny fully convolutional segmentation of synthetic shapes, functions
# codes: LR102
import torch
import torch.nn.functional as F
from torch import nn

SIZE, CLASSES = 16, 3


class SegNet(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.enc1 = nn.Conv2d(1, width, 3, padding=1)
        self.enc2 = nn.Conv2d(width, width, 3, padding=2, dilation=2)
        self.enc3 = nn.Conv2d(width, width, 3, padding=1)
        self.out = nn.Conv2d(width, CLASSES, 1)

    def forward(self, x):
        x = F.relu(self.enc1(x))
        x = x + F.relu(self.enc2(x))
        x = F.relu(self.enc3(x))
        return self.out(x).softmax(dim=1)


def draw(count, generator):
    """Images with one disc (class 1) and one bright bar (class 2)."""
    rows, cols = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    centre = torch.randint(3, SIZE - 3, (count, 2, 1, 1), generator=generator)
    disc = (rows - centre[:, 0]) ** 2 + (cols - centre[:, 1]) ** 2 <= 8
    start = torch.randint(0, SIZE - 2, (count, 1, 1), generator=generator)
    bar = (cols >= start) & (cols < start + 2)
    mask = torch.zeros(count, SIZE, SIZE, dtype=torch.long)
    mask[disc.expand(count, -1, -1)] = 1
    mask[bar.expand(count, -1, -1)] = 2
    noise = 0.25 * torch.randn(count, SIZE, SIZE, generator=generator)
    return ((mask > 0).float() + noise).unsqueeze(1), mask


def iou(prediction, mask, label):
    a, b = prediction == label, mask == label
    return ((a & b).sum() / (a | b).sum()).item()


def main():
    torch.manual_seed(3)
    generator = torch.Generator().manual_seed(4)
    net = SegNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    weight = torch.tensor([0.4, 1.0, 1.0])
    for step in range(120):
        images, masks = draw(16, generator)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images), masks, weight=weight)
        loss.backward()
        optimizer.step()
        if step % 30 == 29:
            print(f"step {step + 1:4d}  loss {loss.item():.4f}")
    net.eval()
    images, masks = draw(200, generator)
    with torch.no_grad():
        prediction = net(images).argmax(1)
    print("IoU:", " ".join(f"{iou(prediction, masks, c):.3f}" for c in range(CLASSES)))


if __name__ == "__main__":
    main()
