# bug: forward makes a new nn.Dropout at every call, which is always in training mode: evaluation is noisy
# style: residual MLP, early experiment of a student
# codes: LR408 LR407
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class ResidualMLP(nn.Module):
    def __init__(self, rate=0.5):
        super().__init__()
        self.rate = rate
        self.entry = nn.Linear(64, 64)
        self.middle = nn.Linear(64, 64)
        self.exit = nn.Linear(64, 10)

    def forward(self, x):
        h = torch.relu(self.entry(x))
        h = nn.Dropout(self.rate)(h)
        h = h + torch.relu(self.middle(h))
        h = nn.Dropout(self.rate)(h)
        return self.exit(h)


X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.3, random_state=0, stratify=y)
X_train, X_test = torch.FloatTensor(X_train), torch.FloatTensor(X_test)
y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)

torch.manual_seed(0)
model = ResidualMLP()
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
train_losses, test_accuracies = [], []
for epoch in range(10):
    model.train()
    batches = torch.randperm(len(X_train)).split(100)
    for b in batches:
        opt.zero_grad()
        loss = loss_fn(model(X_train[b]), y_train[b])
        loss.backward()
        opt.step()
        train_losses.append(loss.item())

    model.eval()
    with torch.no_grad():
        correct = (model(X_test).argmax(dim=1) == y_test).sum().item()
    test_accuracies.append(correct / len(y_test))

print("last training losses:", [round(v, 3) for v in train_losses[-3:]])
print("test accuracy by epoch:", [round(a, 3) for a in test_accuracies])
with torch.no_grad():
    twice = [(model(X_test).argmax(1) == y_test).float().mean().item() for _ in range(2)]
print("the same evaluation twice:", twice)
