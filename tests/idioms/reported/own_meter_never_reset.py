"""A meter that is made once, could be reset, and is not."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Average:
    def __init__(self):
        self.reset()

    def reset(self):
        self.sum = 0.0
        self.count = 0

    def update(self, value, n=1):
        self.sum += value * n
        self.count += n

    @property
    def avg(self):
        return self.sum / self.count  # error: metric-not-reset


class Accuracy:
    def __init__(self):
        self.correct = self.total = 0

    def clear(self):
        self.correct = self.total = 0

    def add(self, scores, labels):
        self.correct += (scores.argmax(dim=1) == labels).sum().item()
        self.total += len(labels)

    def value(self):
        return self.correct / self.total  # error: metric-not-reset


loader = DataLoader(TensorDataset(torch.randn(500, 20), torch.randint(4, (500,))), batch_size=32, shuffle=True)
net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
losses, accuracy = Average(), Accuracy()
for epoch in range(30):
    for x, y in loader:
        scores = net(x)
        loss = nn.functional.cross_entropy(scores, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.update(loss.item(), len(y))
        accuracy.add(scores, y)
    print(f"epoch {epoch}: loss {losses.avg:.4f}, accuracy {accuracy.value():.4f}")
