"""Every batch overwrites the loss of the one before, and the last one is divided as if it were the total."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

train = DataLoader(TensorDataset(torch.randn(96, 20), torch.randint(0, 4, (96,))), batch_size=32, shuffle=True)
valid = DataLoader(TensorDataset(torch.randn(96, 20), torch.randint(0, 4, (96,))), batch_size=32)
net, criterion = nn.Linear(20, 4), nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(10):
    train_loss, valid_loss = 0.0, 0.0
    net.train()
    for x, y in train:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * x.size(0)
    net.eval()
    with torch.no_grad():
        for x, y in valid:
            loss = criterion(net(x), y)
            valid_loss = loss.item() * x.size(0)
    print(f"epoch {epoch}: training {train_loss / len(train.dataset)}")
    print(f"epoch {epoch}: validation {valid_loss / len(valid)}")  # error: last-batch-metric
    print(valid_loss)  # error: last-batch-metric
