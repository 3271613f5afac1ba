# bug: the number of hits is divided by batch_size * number of batches although the last batch is smaller
# style: student script, global constants, test() with "Accuracy of the network on the test images"
# codes: LR203
import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

BATCH_SIZE = 128
LEARNING_RATE = 0.002
EPOCHS = 12

torch.manual_seed(99)

X, y = load_digits(return_X_y=True)
X = (X / 16.0).astype("float32")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=270, random_state=99)

train_data = TensorDataset(torch.from_numpy(X_train), torch.from_numpy(y_train))
test_data = TensorDataset(torch.from_numpy(X_test), torch.from_numpy(y_test))
train_loader = DataLoader(train_data, batch_size=BATCH_SIZE, shuffle=True)
test_loader = DataLoader(test_data, batch_size=BATCH_SIZE, shuffle=False)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(64, 128)
        self.hidden2 = nn.Linear(128, 64)
        self.output = nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.hidden1(x))
        x = torch.relu(self.hidden2(x))
        return self.output(x)


net = Network()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=LEARNING_RATE)


def train(epoch):
    net.train()
    total_loss = 0
    for data, target in train_loader:
        optimizer.zero_grad()
        output = net(data)
        loss = criterion(output, target)
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
    print("Epoch %d, average loss per batch: %.4f" % (epoch, total_loss / len(train_loader)))


def test():
    net.eval()
    correct = 0
    with torch.no_grad():
        for data, target in test_loader:
            output = net(data)
            _, predicted = torch.max(output, 1)
            correct += (predicted == target).sum().item()
    accuracy = 100.0 * correct / (len(test_loader) * BATCH_SIZE)
    print("Accuracy of the network on the test images: %.2f %%" % accuracy)
    return accuracy


history = []
for epoch in range(1, EPOCHS + 1):
    train(epoch)
    history.append(test())

print("Best accuracy: %.2f %%" % max(history))
