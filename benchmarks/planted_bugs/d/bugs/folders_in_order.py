# bug: the training loader does not shuffle, and the samples come class by class, as from folders
# style: Dataset like ImageFolder, the classic first convolutional net
# codes: LR212
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset


class DigitFolders(Dataset):
    """Lists the images class by class; the first 120 of each class are for training."""

    def __init__(self, train):
        digits = load_digits()
        self.samples = []
        for label in range(10):
            images = digits.images[digits.target == label]
            images = images[:120] if train else images[120:]
            self.samples.extend((image, label) for image in images)

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        image, label = self.samples[i]
        return torch.tensor(image, dtype=torch.float32).unsqueeze(0) / 16, label


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(16 * 3 * 3, 10)

    def forward(self, x):
        return self.fc(self.pool(torch.relu(self.conv(x))).flatten(1))


def accuracy(net, loader):
    net.eval()
    correct = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (net(x).argmax(1) == y).sum().item()
    return correct / len(loader.dataset)


torch.manual_seed(0)
train_loader = DataLoader(DigitFolders(train=True), batch_size=32)
test_loader = DataLoader(DigitFolders(train=False), batch_size=128)
net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(8):
    net.train()
    running = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
    print(
        f"epoch {epoch + 1}: loss {running / len(train_loader.dataset):.4f}, test accuracy {accuracy(net, test_loader):.3f}"
    )
