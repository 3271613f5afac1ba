# bug: forward calls F.dropout(x, p) without training=self.training: predictions stay random after model.eval()
# style: MNIST beginner's CNN with F.* everywhere, train(epoch)/test() globals, soft voting over two nets at the end
# codes: LR408
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

n_epochs = 8
batch_size_train = 64
batch_size_test = 200
learning_rate = 0.05
momentum = 0.9
log_interval = 10

digits = load_digits()
X = torch.tensor(digits.data.reshape(-1, 1, 8, 8) / 16.0, dtype=torch.float32)
y = torch.tensor(digits.target)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=400, random_state=1)
train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=batch_size_train, shuffle=True)
test_loader = DataLoader(TensorDataset(X_test, y_test), batch_size=batch_size_test)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.fc1 = nn.Linear(128, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = x.view(-1, 128)
        x = F.relu(self.fc1(x))
        x = F.dropout(x, 0.5)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


def train(network, optimizer, epoch):
    network.train()
    for batch_idx, (data, target) in enumerate(train_loader):
        optimizer.zero_grad()
        output = network(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % log_interval == 0 and epoch % 4 == 0:
            print(
                f"Train Epoch: {epoch} [{batch_idx * len(data)}/{len(train_loader.dataset)}]\tLoss: {loss.item():.6f}"
            )


def test(network):
    network.eval()
    test_loss, correct, outputs = 0, 0, []
    with torch.no_grad():
        for data, target in test_loader:
            output = network(data)
            test_loss += F.nll_loss(output, target, reduction="sum").item()
            correct += output.argmax(dim=1).eq(target).sum().item()
            outputs.append(output)
    n = len(test_loader.dataset)
    print(f"Test set: Avg. loss: {test_loss / n:.4f}, Accuracy: {correct}/{n} ({100.0 * correct / n:.1f}%)")
    return torch.cat(outputs)


votes = []
for seed in (1, 2):
    torch.manual_seed(seed)
    network = Net()
    optimizer = optim.SGD(network.parameters(), lr=learning_rate, momentum=momentum)
    for epoch in range(1, n_epochs + 1):
        train(network, optimizer, epoch)
        log_probabilities = test(network)
    votes.append(log_probabilities.exp())

ensemble = torch.stack(votes).mean(dim=0).argmax(dim=1)
print(f"Two networks together: {(ensemble == y_test).float().mean().item():.4f}")
