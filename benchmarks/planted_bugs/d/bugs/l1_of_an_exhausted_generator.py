# bug: weights is a generator; the L1 penalty sums over it in the first step, and over nothing from then on
# style: sparse linear regression, script
# codes: LR326
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
n_features, n_useful = 60, 5
true_weights = torch.zeros(n_features)
true_weights[:n_useful] = torch.tensor([2.0, -1.5, 1.0, 0.8, -2.2])


def sample(count):
    x = torch.randn(count, n_features)
    return x, (x @ true_weights + 1.0 * torch.randn(count)).unsqueeze(1)


x_train, y_train = sample(90)
x_test, y_test = sample(1000)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=30, shuffle=True)

model = nn.Linear(n_features, 1)
weights = (p for name, p in model.named_parameters() if name.endswith("weight"))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
mse = nn.MSELoss()
l1_strength = 0.3

for epoch in range(150):
    model.train()
    fit_total = penalty_total = 0.0
    for x, y in loader:
        fit = mse(model(x), y)
        penalty = l1_strength * sum((w.abs().sum() for w in weights), torch.zeros(()))
        loss = fit + penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        fit_total += fit.item()
        penalty_total += penalty.item()
    if epoch % 30 == 29:
        print(f"epoch {epoch + 1}: fit {fit_total / len(loader):.4f}, penalty {penalty_total / len(loader):.4f}")

model.eval()
with torch.no_grad():
    error = mse(model(x_test), y_test).item()
    small = (model.weight.abs() < 0.05).sum().item()
print(f"test error {error:.3f}; {small} of {n_features} weights are near zero ({n_features - n_useful} should be)")
