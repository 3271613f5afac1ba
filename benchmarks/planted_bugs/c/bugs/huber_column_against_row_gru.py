# bug: the Huber loss compares a column of forecasts (N, 1) with a row of targets (N,)
# style: GRU forecaster, Dataset class, history in a dict
# codes: LR117 LR705 LR706
import math
import warnings
from collections import defaultdict

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

warnings.filterwarnings("ignore")  # the notebook was full of them
torch.manual_seed(0)


class Windows(Dataset):
    """Windows of a noisy wave and the value that follows."""

    def __init__(self, begin, end, length=16):
        t = torch.arange(begin, end, dtype=torch.float32)
        self.series = torch.sin(2 * math.pi * t / 25) + 0.3 * torch.sin(2 * math.pi * t / 7)
        self.length = length

    def __len__(self):
        return len(self.series) - self.length

    def __getitem__(self, i):
        return self.series[i : i + self.length].unsqueeze(-1), self.series[i + self.length]


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 24, batch_first=True)
        self.head = nn.Linear(24, 1)

    def forward(self, window):
        _, last = self.gru(window)
        return self.head(last[-1])


def spread(model, loader):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(x) for x, _ in loader]).std().item()


fit_set, test_set = Windows(0, 1000), Windows(1000, 1200)
fit_loader, test_loader = DataLoader(fit_set, 41, shuffle=True, drop_last=True), DataLoader(test_set, 64)
model, criterion = Forecaster(), nn.HuberLoss(delta=0.5)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
history = defaultdict(list)
for epoch in range(5):
    model.train()
    summed = 0.0
    for window, following in fit_loader:
        optimizer.zero_grad()
        loss = criterion(model(window), following)
        loss.backward()
        optimizer.step()
        summed += loss.item()
    history["huber"].append(summed / len(fit_loader))
    history["spread"].append(spread(model, test_loader))
    print(f"epoch {epoch}: huber {history['huber'][-1]:.4f}, spread of the forecasts {history['spread'][-1]:.3f}")
