# bug: the line that counts the hits stands after the batch loop: only the last batch is counted, against the total
# style: script, moons, fully connected net with log_softmax and NLLLoss
# codes: LR313 LR203
import torch
import torch.nn.functional as F
from sklearn.datasets import make_moons
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


def moons(count, seed):
    points, labels = make_moons(count, noise=0.15, random_state=seed)
    return TensorDataset(torch.tensor(points, dtype=torch.float32), torch.tensor(labels))


class MoonNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 24)
        self.fc2 = nn.Linear(24, 24)
        self.fc3 = nn.Linear(24, 2)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.log_softmax(self.fc3(x), dim=1)


train_loader = DataLoader(moons(800, 0), batch_size=32, shuffle=True)
test_loader = DataLoader(moons(400, 1), batch_size=100)
net = MoonNet()
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)

for epoch in range(1, 13):
    net.train()
    for data, target in train_loader:
        optimizer.zero_grad()
        output = net(data)
        loss = criterion(output, target)
        loss.backward()
        optimizer.step()

    net.eval()
    test_loss = 0.0
    correct = 0
    with torch.no_grad():
        for data, target in test_loader:
            output = net(data)
            test_loss += F.nll_loss(output, target, reduction="sum").item()
            predicted = output.argmax(dim=1)
        correct += (predicted == target).sum().item()
    test_loss /= len(test_loader.dataset)
    if epoch % 3 == 0:
        print(
            f"Test set: average loss: {test_loss:.4f}, accuracy: {correct}/{len(test_loader.dataset)} "
            f"({100 * correct / len(test_loader.dataset):.0f}%)"
        )
