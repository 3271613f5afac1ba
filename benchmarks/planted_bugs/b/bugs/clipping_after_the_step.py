# bug: gradients are clipped after the optimizer has used them
# style: LSTM regression
# codes: LR311
import torch
from torch import nn

torch.manual_seed(0)


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 24, batch_first=True)
        self.out = nn.Linear(24, 1)

    def forward(self, window):
        return self.out(self.lstm(window)[0][:, -1]).squeeze(-1)


series = torch.sin(torch.arange(0, 80, 0.1)) + 0.1 * torch.randn(800)
windows = series.unfold(0, 16, 1)
x, y = windows[:, :-1].unsqueeze(-1), windows[:, -1]
model = Forecaster()
optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
criterion = nn.MSELoss()
for epoch in range(3):
    total = 0.0
    for rows in torch.randperm(len(x)).split(40):
        loss = criterion(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        total += loss.item()
    print(f"epoch {epoch}: {total:.3f}")
