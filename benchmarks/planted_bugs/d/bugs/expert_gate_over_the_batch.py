# bug: the gate of the mixture of experts normalises over the batch instead of the experts
# style: mixture of experts for a piecewise function, dataclass configuration
# codes: LR115 LR709
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass
class Config:
    experts: int = 4
    hidden: int = 16
    batch: int = 64
    steps: int = 500
    lr: float = 5e-3


class Mixture(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.gate = nn.Linear(2, config.experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(2, config.hidden), nn.Tanh(), nn.Linear(config.hidden, 1))
            for _ in range(config.experts)
        )

    def forward(self, x: Tensor) -> Tensor:
        weights = torch.softmax(self.gate(x), dim=0)
        answers = torch.cat([expert(x) for expert in self.experts], dim=1)
        return (weights * answers).sum(dim=1, keepdim=True)


def sample(count: int) -> tuple[Tensor, Tensor]:
    x = torch.rand(count, 2) * 4 - 2
    right = x[:, :1] > 0
    y = torch.where(right, torch.sin(3 * x[:, 1:]), x[:, :1] * x[:, 1:])
    return x, y + 0.05 * torch.randn(count, 1)


def train(config: Config) -> Mixture:
    model = Mixture(config)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)
    for step in range(1, config.steps + 1):
        x, y = sample(config.batch)
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step}: {loss.item():.4f}")
    return model


if __name__ == "__main__":
    torch.manual_seed(5)
    mixture = train(Config())
    x_test, y_test = sample(1000)
    mixture.eval()
    with torch.inference_mode():
        error = (mixture(x_test) - y_test).pow(2).mean()
        alone = (torch.cat([mixture(row) for row in x_test.split(1)]) - y_test).pow(2).mean()
    print(f"variance of the target {y_test.var():.3f}, error together {error:.3f}, one by one {alone:.3f}")
