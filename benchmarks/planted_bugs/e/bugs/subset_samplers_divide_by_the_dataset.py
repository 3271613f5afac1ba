# bug: train and validation loaders share one dataset through SubsetRandomSampler, the accuracies are divided by len(loader.dataset)
# style: tutorial on SubsetRandomSampler splits with indices, early stopping by validation loss
# codes: LR224 LR203
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.sampler import SubsetRandomSampler

batch_size = 40
valid_size = 0.2
n_epochs = 10

torch.manual_seed(30)
np.random.seed(30)

digits = load_digits()
dataset = TensorDataset(
    torch.from_numpy(digits.images).float().div(16).unsqueeze(1), torch.from_numpy(digits.target).long()
)

num_train = len(dataset)
indices = list(range(num_train))
np.random.shuffle(indices)
split = int(np.floor(valid_size * num_train))
train_idx, valid_idx = indices[split:], indices[:split]

train_loader = DataLoader(dataset, batch_size=batch_size, sampler=SubsetRandomSampler(train_idx))
valid_loader = DataLoader(dataset, batch_size=batch_size, sampler=SubsetRandomSampler(valid_idx))


class LeNetish(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 12, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(12 * 4 * 4, 60)
        self.fc2 = nn.Linear(60, 10)
        self.dropout = nn.Dropout(0.25)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x)))
        x = self.dropout(torch.flatten(x, 1))
        x = self.dropout(torch.relu(self.fc1(x)))
        return self.fc2(x)


model = LeNetish()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
valid_loss_min = np.inf

for epoch in range(1, n_epochs + 1):
    train_loss, train_correct = 0.0, 0
    valid_loss, valid_correct = 0.0, 0

    model.train()
    for data, target in train_loader:
        optimizer.zero_grad()
        output = model(data)
        loss = criterion(output, target)
        loss.backward()
        optimizer.step()
        train_loss += loss.item()
        train_correct += (output.argmax(dim=1) == target).sum().item()

    model.eval()
    with torch.no_grad():
        for data, target in valid_loader:
            output = model(data)
            valid_loss += criterion(output, target).item()
            valid_correct += (output.argmax(dim=1) == target).sum().item()

    train_loss = train_loss / len(train_loader)
    valid_loss = valid_loss / len(valid_loader)
    train_acc = train_correct / len(train_loader.dataset)
    valid_acc = valid_correct / len(valid_loader.dataset)
    print(
        f"Epoch: {epoch} \tTraining Loss: {train_loss:.4f} (acc {train_acc:.3f}) "
        f"\tValidation Loss: {valid_loss:.4f} (acc {valid_acc:.3f})"
    )
    if valid_loss <= valid_loss_min:
        valid_loss_min = valid_loss
print(f"lowest validation loss {valid_loss_min:.4f}")
