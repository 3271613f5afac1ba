# bug: the residual block builds its 1x1 shortcut convolution inside forward: new random weights in every call
# style: student re-implements a residual network from the paper, digits, plain train/test functions
# codes: LR407
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset


class BasicBlock(nn.Module):
    def __init__(self, in_planes, planes, stride=1):
        super().__init__()
        self.in_planes, self.planes, self.stride = in_planes, planes, stride
        self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        shortcut = x
        if self.stride != 1 or self.in_planes != self.planes:
            shortcut = nn.Conv2d(self.in_planes, self.planes, kernel_size=1, stride=self.stride, bias=False)(x)
        return F.relu(out + shortcut)


class ResNet(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(12)
        self.layer1 = BasicBlock(12, 12)
        self.layer2 = BasicBlock(12, 24, stride=2)
        self.layer3 = BasicBlock(24, 48, stride=2)
        self.linear = nn.Linear(48, num_classes)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer3(self.layer2(self.layer1(out)))
        out = F.adaptive_avg_pool2d(out, 1).flatten(1)
        return self.linear(out)


def train(epoch, net, trainloader, criterion, optimizer):
    net.train()
    train_loss, correct, total = 0, 0, 0
    for inputs, targets in trainloader:
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        train_loss += loss.item()
        correct += outputs.argmax(1).eq(targets).sum().item()
        total += targets.size(0)
    print(f"Epoch {epoch}: Loss: {train_loss / len(trainloader):.3f} | Acc: {100.0 * correct / total:.2f}%")


def test(net, testloader):
    net.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for inputs, targets in testloader:
            correct += net(inputs).argmax(1).eq(targets).sum().item()
            total += targets.size(0)
    print(f"Test Acc: {100.0 * correct / total:.2f}%")


def main():
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target)
    trainloader = DataLoader(TensorDataset(images[:1300], labels[:1300]), batch_size=64, shuffle=True, drop_last=True)
    testloader = DataLoader(TensorDataset(images[1300:], labels[1300:]), batch_size=100)
    net = ResNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    for epoch in range(6):
        train(epoch, net, trainloader, criterion, optimizer)
        test(net, testloader)


if __name__ == "__main__":
    main()
