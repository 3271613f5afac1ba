# bug: model.parameters() is a generator that the optimizer has used up: clip_grad_norm_ sees nothing
# style: GRU regression with clipping
# codes: LR326
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

torch.manual_seed(0)


class GRURegressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 20, batch_first=True)
        self.out = nn.Linear(20, 1)

    def forward(self, x):
        states, _ = self.gru(x)
        return self.out(states[:, -1])


t = torch.linspace(0, 60, 1200)
series = torch.sin(t) + 0.3 * torch.sin(3.1 * t)
windows = series.unfold(0, 21, 1)
x, y = windows[:, :-1].unsqueeze(-1), windows[:, -1:]

model = GRURegressor()
params = model.parameters()
optimizer = torch.optim.Adam(params, lr=5e-3)
for epoch in range(3):
    for idx in torch.randperm(len(x)).split(64):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x[idx]), y[idx])
        loss.backward()
        clip_grad_norm_(params, max_norm=1.0)
        optimizer.step()
    print(f"epoch {epoch}: mse {loss.item():.4f}")
