# bug: a sigmoid squeezes the three class scores into (0, 1) before CrossEntropyLoss
# style: student's first network after a tutorial, subclass with named layers, loss history list
# codes: LR105
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(100)

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=100, stratify=y)

scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

X_train = torch.FloatTensor(X_train)
X_test = torch.FloatTensor(X_test)
y_train = torch.LongTensor(y_train)
y_test = torch.LongTensor(y_test)

train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)


class WineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(13, 24)
        self.hidden2 = nn.Linear(24, 12)
        self.output = nn.Linear(12, 3)
        self.relu = nn.ReLU()
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        x = self.relu(self.hidden1(x))
        x = self.relu(self.hidden2(x))
        x = self.sigmoid(self.output(x))
        return x


model = WineNet()
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

losses = []
for epoch in range(25):
    model.train()
    epoch_loss = 0
    for inputs, labels in train_loader:
        optimizer.zero_grad()
        y_pred = model(inputs)
        loss = loss_function(y_pred, labels)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * inputs.size(0)
    losses.append(epoch_loss / len(train_loader.dataset))
    if epoch % 5 == 4:
        print(f"epoch: {epoch + 1:3} loss: {losses[-1]:10.8f}")

model.eval()
with torch.no_grad():
    y_val = model(X_test)
    test_loss = loss_function(y_val, y_test)
    correct = (y_val.argmax(dim=1) == y_test).sum().item()
print(f"test loss {test_loss:.4f}, {correct} of {len(y_test)} correct")
