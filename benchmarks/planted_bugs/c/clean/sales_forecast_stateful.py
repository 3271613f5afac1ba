# style: time series in order, state carried over and detached, large targets standardised by the training part
import math

import torch
from torch import nn

torch.manual_seed(0)
DAYS, STORES, WINDOW, CUT = 700, 8, 20, 560

day = torch.arange(DAYS, dtype=torch.float32)
level = 40_000 + 10_000 * torch.rand(STORES, 1)
sales = level * (1 + 0.3 * torch.sin(2 * math.pi * (day + 4 * torch.arange(STORES)[:, None]) / 28))
sales = sales + 800 * torch.randn(STORES, DAYS)

mean, scale = sales[:, :CUT].mean(dim=1, keepdim=True), sales[:, :CUT].std(dim=1, keepdim=True)
series = ((sales - mean) / scale).unsqueeze(-1)


class Forecast(nn.Module):
    def __init__(self, width=24):
        super().__init__()
        self.lstm = nn.LSTM(1, width, batch_first=True)
        self.next_day = nn.Linear(width, 1)

    def forward(self, window, state=None):
        hidden, state = self.lstm(window, state)
        return self.next_day(hidden), state


def windows(begin, end):
    for start in range(begin, end - 1, WINDOW):
        stop = min(start + WINDOW, end - 1)
        yield series[:, start:stop], series[:, start + 1 : stop + 1]


def test_error(model):
    model.eval()
    with torch.no_grad():
        forecast, _ = model(series[:, :-1])
    money = (forecast - series[:, 1:]).squeeze(-1) * scale
    return money[:, CUT:].abs().mean().item()


model = Forecast()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
print(f"spread of the sales {scale.mean().item():.0f}")
for epoch in range(1, 13):
    model.train()
    state, squares, count = None, 0.0, 0
    for window, following in windows(0, CUT):
        if state is not None:
            state = tuple(part.detach() for part in state)
        forecast, state = model(window, state)
        loss = nn.functional.mse_loss(forecast, following)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        squares, count = squares + loss.item() * following.numel(), count + following.numel()
    if epoch % 3 == 0:
        print(f"epoch {epoch}: training error {squares / count:.3f}, test error in money {test_error(model):.0f}")
