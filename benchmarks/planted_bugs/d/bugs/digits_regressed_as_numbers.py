# bug: the class number of a digit is regressed with the squared error, and the output rounded to a class
# style: script with a DataLoader and a module in one class
# codes: LR108
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
images, labels = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    images / 16.0, labels, test_size=0.25, stratify=labels, random_state=0
)
train_data = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train))
test_data = TensorDataset(torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test))
train_loader = DataLoader(train_data, batch_size=32, shuffle=True)
test_loader = DataLoader(test_data, batch_size=256)


class DigitNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 64)
        self.hidden2 = nn.Linear(64, 32)
        self.output = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.relu(self.hidden(x))
        x = torch.relu(self.hidden2(x))
        return self.output(x).squeeze(1)


net = DigitNet()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(20):
    net.train()
    seen, loss_sum = 0, 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        output = net(x)
        loss = criterion(output, y.float())
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        seen += len(y)
    net.eval()
    hits = 0
    with torch.no_grad():
        for x, y in test_loader:
            digit = net(x).round().clamp(0, 9).long()
            hits += (digit == y).sum().item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: loss {loss_sum / seen:.3f}, test accuracy {hits / len(test_data):.3f}")
