# bug: batches of windows (batch, time, channel) are brought to (time, batch, channel) by view: steps of different windows get mixed
# style: activity recognition with an LSTM in the default layout, sliding windows, config at the top
# codes: LR514 LR709
import math

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

WINDOW = 32
CHANNELS = 3
CLASSES = 4
BATCH_SIZE = 40
N_EPOCHS = 8
torch.manual_seed(77)


def record(n, generator):
    """Accelerometer windows of four activities: rest, slow, fast, and turning."""
    labels = torch.randint(CLASSES, (n,), generator=generator)
    t = torch.arange(WINDOW) / WINDOW
    frequency = torch.tensor([0.0, 2.0, 5.0, 2.0])[labels].view(-1, 1, 1)
    amplitude = torch.tensor([0.1, 1.0, 1.0, 1.0])[labels].view(-1, 1, 1)
    phase = 2 * math.pi * torch.rand(n, 1, 1, generator=generator)
    shift = torch.tensor([0.0, 0.3, 0.6]).view(1, 1, -1)
    wave = amplitude * torch.sin(2 * math.pi * (frequency * t.view(1, -1, 1) + shift) + phase)
    drift = (labels == 3).view(-1, 1, 1) * (2 * t.view(1, -1, 1) - 1)
    return wave + drift + 0.2 * torch.randn(n, WINDOW, CHANNELS, generator=generator), labels


class ActivityLSTM(nn.Module):
    def __init__(self, n_hidden=40):
        super().__init__()
        self.lstm = nn.LSTM(CHANNELS, n_hidden)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(n_hidden, CLASSES)

    def forward(self, x):
        batch = x.size(0)
        x = x.view(WINDOW, batch, CHANNELS)
        _, (hidden, _) = self.lstm(x)
        return self.fc(self.dropout(hidden[-1]))


def accuracy(net, loader):
    net.eval()
    right, n = 0, 0
    with torch.no_grad():
        for windows, labels in loader:
            right += (net(windows).argmax(dim=1) == labels).sum().item()
            n += labels.size(0)
    return right / n


def main():
    generator = torch.Generator().manual_seed(3)
    train_set, test_set = (TensorDataset(*record(n, generator)) for n in (1200, 400))
    train_loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=BATCH_SIZE)

    net = ActivityLSTM()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(N_EPOCHS):
        net.train()
        train_losses = []
        for windows, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(net(windows), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            train_losses.append(loss.item())
        print(
            f"Epoch: {epoch + 1}/{N_EPOCHS}... Train Loss: {sum(train_losses) / len(train_losses):.4f}... "
            f"Test Acc: {accuracy(net, test_loader):.4f}"
        )


if __name__ == "__main__":
    main()
