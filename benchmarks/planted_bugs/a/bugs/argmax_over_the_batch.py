# bug: argmax over dimension 0 picks a sample, not a class
# style: CNN, drop_last
# codes: LR208
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
labels = torch.tensor(digits.target)
train = DataLoader(TensorDataset(images[:1400], labels[:1400]), batch_size=10, shuffle=True, drop_last=True)
test = DataLoader(TensorDataset(images[1400:1790], labels[1400:1790]), batch_size=10)

cnn = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 10)
)
optimizer = torch.optim.SGD(cnn.parameters(), lr=0.05)
criterion = nn.CrossEntropyLoss()
for epoch in range(3):
    cnn.train()
    for img, lab in train:
        optimizer.zero_grad()
        criterion(cnn(img), lab).backward()
        optimizer.step()
    cnn.eval()
    right, seen = 0, 0
    with torch.no_grad():
        for img, lab in test:
            guess = torch.argmax(cnn(img), dim=0)
            right += int((guess == lab).sum())
            seen += len(lab)
    print(f"epoch {epoch}: {right}/{seen} correct")
