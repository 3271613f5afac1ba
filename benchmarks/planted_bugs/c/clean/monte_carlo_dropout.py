# style: regression with uncertainty: dropout stays on at prediction time, on purpose
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class BayesianLooking(nn.Module):
    def __init__(self, width=64, rate=0.1):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(1, width),
            nn.ReLU(),
            nn.Dropout(rate),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Dropout(rate),
            nn.Linear(width, 1),
        )

    def forward(self, x):
        return self.layers(x)


@torch.no_grad()
def predict_with_uncertainty(model, x, samples=50):
    """Monte Carlo dropout: train mode is wanted here, each pass draws another network."""
    model.train()
    draws = torch.stack([model(x) for _ in range(samples)])
    return draws.mean(0), draws.std(0)


@torch.no_grad()
def test_error(model, x, y):
    model.eval()
    return (model(x) - y).square().mean().sqrt().item()


x = torch.rand(800, 1) * 4 - 2
y = torch.sin(3 * x) + 0.1 * torch.randn_like(x)
loader = DataLoader(TensorDataset(x[:640], y[:640]), batch_size=32, shuffle=True)
model = BayesianLooking()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(1, 31):
    model.train()
    for inputs, outcomes in loader:
        loss = nn.functional.mse_loss(model(inputs), outcomes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        inside, outside = torch.tensor([[0.0], [1.0]]), torch.tensor([[-4.0], [4.0]])
        print(
            f"epoch {epoch}: error {test_error(model, x[640:], y[640:]):.3f}, "
            f"uncertainty inside {predict_with_uncertainty(model, inside)[1].mean():.3f}, "
            f"outside {predict_with_uncertainty(model, outside)[1].mean():.3f}"
        )
