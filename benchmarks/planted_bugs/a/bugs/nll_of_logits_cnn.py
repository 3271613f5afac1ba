# bug: nn.NLLLoss gets the raw output of the last linear layer
# style: CNN class
# codes: LR104
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset, random_split


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 2 * 2, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def main():
    torch.manual_seed(1)
    data = load_digits()
    images = torch.from_numpy(data.images).float().unsqueeze(1) / 16
    labels = torch.from_numpy(data.target)
    train_set, val_set = random_split(TensorDataset(images, labels), [1500, 297])
    train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=100)

    net = ConvNet()
    loss_fn = nn.NLLLoss()
    opt = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(4):
        net.train()
        for images, labels in train_loader:
            opt.zero_grad()
            loss = loss_fn(net(images), labels)
            loss.backward()
            opt.step()
        net.eval()
        hits = 0
        with torch.no_grad():
            for images, labels in val_loader:
                hits += (net(images).argmax(dim=1) == labels).sum().item()
        print(epoch, loss.item(), hits / len(val_set))


if __name__ == "__main__":
    main()
