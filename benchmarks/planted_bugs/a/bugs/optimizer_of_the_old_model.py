# bug: the optimizer was built before the head was replaced
# style: transfer learning (TrainCheck: forum-84911)
# codes: LR307, LR704
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Backbone(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()
        )
        self.classifier = nn.Linear(16 * 16, classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


torch.manual_seed(0)
digits = load_digits()
X = torch.tensor(digits.images).float().unsqueeze(1) / 16
y = torch.tensor(digits.target)
loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)

net = Backbone(classes=100)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
net.classifier = nn.Linear(16 * 16, 10)

criterion = nn.CrossEntropyLoss()
for epoch in range(4):
    net.train()
    correct = 0
    for xb, yb in loader:
        optimizer.zero_grad()
        scores = net(xb)
        loss = criterion(scores, yb)
        loss.backward()
        optimizer.step()
        correct += (scores.argmax(1) == yb).sum().item()
    print(f"epoch {epoch} train accuracy {correct / len(y):.3f}")
