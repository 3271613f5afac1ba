# bug: the log-likelihood itself is minimised, its minus is missing
# style: heteroscedastic regression, torch.distributions, loss in a function of the model's module
# codes: LR127 LR703
import torch
from torch import nn
from torch.distributions import Normal
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.rand(1200, 1) * 4 - 2
y = torch.sin(2 * x) + torch.randn_like(x) * (0.05 + 0.1 * x.abs())


class MeanAndSpread(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
        self.mean = nn.Linear(32, 1)
        self.spread = nn.Linear(32, 1)

    def forward(self, inputs):
        h = self.hidden(inputs)
        return Normal(self.mean(h), nn.functional.softplus(self.spread(h)) + 1e-2)

    def objective(self, inputs, outcomes):
        return self(inputs).log_prob(outcomes).mean()


def root_mean_square(model, inputs, outcomes):
    model.eval()
    with torch.no_grad():
        return (model(inputs).mean - outcomes).square().mean().sqrt().item()


loader = DataLoader(TensorDataset(x[:1000], y[:1000]), batch_size=50, shuffle=True)
model = MeanAndSpread()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(1, 13):
    model.train()
    total = 0.0
    for inputs, outcomes in loader:
        optimizer.zero_grad()
        objective = model.objective(inputs, outcomes)
        objective.backward()
        optimizer.step()
        total += objective.item()
    if epoch % 3 == 0:
        error = root_mean_square(model, x[1000:], y[1000:])
        print(f"epoch {epoch}: objective {total / len(loader):.2f}, error on new data {error:.3f}")
