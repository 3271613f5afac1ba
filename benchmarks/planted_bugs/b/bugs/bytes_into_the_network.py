# bug: pixels from 0 to 255 go into the network as they are
# style: CNN, uint8 images
# codes: LR712, LR705, LR703, LR707, LR706
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Images(Dataset):
    def __init__(self):
        digits = load_digits()
        self.pixels = (digits.images * 255 / 16).astype("uint8")
        self.labels = digits.target

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return torch.from_numpy(self.pixels[i]).float().unsqueeze(0), self.labels[i]


torch.manual_seed(0)
loader = DataLoader(Images(), batch_size=64, shuffle=True)
net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
for epoch in range(4):
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: {total / len(loader):.3f}")
