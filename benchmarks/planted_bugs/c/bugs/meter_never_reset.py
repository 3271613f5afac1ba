# bug: one AverageMeter for all epochs: what is logged as the accuracy of an epoch is the average since the start
# style: AverageMeter, writer class, train function with many arguments
# codes: LR213
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset


class AverageMeter:
    def __init__(self):
        self.sum, self.count = 0.0, 0

    def update(self, value, n):
        self.sum += value * n
        self.count += n

    @property
    def average(self):
        return self.sum / self.count


class SummaryWriter:
    def __init__(self):
        self.rows = []

    def add_scalars(self, step, **values):
        self.rows.append((step, values))
        print(step, {name: round(value, 3) for name, value in values.items()})


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 12, 3, padding=1)
        self.fc = nn.Linear(12 * 16, 10)

    def forward(self, x):
        return self.fc(F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1))


def train(model, loader, optimizer, epochs, writer):
    losses, accuracies = AverageMeter(), AverageMeter()
    for epoch in range(epochs):
        model.train()
        for images, targets in loader:
            output = model(images)
            loss = F.cross_entropy(output, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.update(loss.item(), len(targets))
            accuracies.update((output.argmax(1) == targets).float().mean().item(), len(targets))
        writer.add_scalars(epoch, loss=losses.average, accuracy=accuracies.average)


torch.manual_seed(0)
digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
dataset = TensorDataset(images, torch.tensor(digits.target))
model = Classifier()
train(
    model,
    DataLoader(dataset, batch_size=60, shuffle=True),
    torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
    epochs=6,
    writer=SummaryWriter(),
)
