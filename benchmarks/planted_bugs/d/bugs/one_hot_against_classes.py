# bug: the predicted class numbers are compared with one-hot labels; with ten samples per batch the shapes broadcast
# style: one-hot labels in the dataset, soft-target cross entropy
# codes: LR201 LR221
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

BATCH_SIZE = 10
CLASSES = 10


def loaders():
    digits = load_digits()
    images = torch.from_numpy(digits.images).float().unsqueeze(1) / 16
    labels = F.one_hot(torch.from_numpy(digits.target), CLASSES).float()
    order = torch.randperm(len(images))
    images, labels = images[order], labels[order]
    train = TensorDataset(images[:1500], labels[:1500])
    test = TensorDataset(images[1500:1790], labels[1500:1790])
    return DataLoader(train, BATCH_SIZE, shuffle=True), DataLoader(test, BATCH_SIZE)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 12, 3)
        self.fc1 = nn.Linear(12 * 3 * 3, 64)
        self.fc2 = nn.Linear(64, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


def train(net, loader, optimizer):
    net.train()
    for images, labels in loader:
        loss = F.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def test(net, loader):
    net.eval()
    correct, total, loss = 0, 0, 0.0
    with torch.no_grad():
        for images, labels in loader:
            outputs = net(images)
            loss += F.cross_entropy(outputs, labels, reduction="sum").item()
            predicted = outputs.argmax(dim=1)
            correct += (predicted == labels).sum().item()
            total += labels.size(0)
    return correct / total, loss / total


if __name__ == "__main__":
    torch.manual_seed(0)
    train_loader, test_loader = loaders()
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(5):
        train(net, train_loader, optimizer)
        accuracy, loss = test(net, test_loader)
        print(f"epoch {epoch + 1}: test accuracy {accuracy:.3f}, test loss {loss:.4f}")
