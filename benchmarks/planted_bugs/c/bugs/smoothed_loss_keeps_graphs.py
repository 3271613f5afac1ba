# bug: the exponentially smoothed loss for the progress line is a tensor with its graph: every step's graph stays alive
# style: regression on diabetes-like synthetic data, progress lines by step
# codes: LR305
import torch
from sklearn.datasets import make_regression
from sklearn.preprocessing import StandardScaler
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(5)
features, outcome = make_regression(900, 12, n_informative=8, noise=4.0, random_state=5)
features = torch.tensor(StandardScaler().fit(features[:720]).transform(features), dtype=torch.float32)
outcome = torch.tensor(StandardScaler().fit(outcome[:720, None]).transform(outcome[:, None]), dtype=torch.float32)
train = DataLoader(TensorDataset(features[:720], outcome[:720]), batch_size=36, shuffle=True)

regressor = nn.Sequential(nn.Linear(12, 32), nn.SiLU(), nn.Linear(32, 1))
sgd = optim.SGD(regressor.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)
smoothed, step = 1.0, 0

for epoch in range(8):
    regressor.train()
    for x, y in train:
        prediction = regressor(x)
        loss = (prediction - y).square().mean()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        smoothed = 0.98 * smoothed + 0.02 * loss
        step += 1
        if step % 40 == 0:
            print(f"step {step}: smoothed loss {smoothed:.4f}")

regressor.eval()
with torch.no_grad():
    residual = regressor(features[720:]) - outcome[720:]
    print(f"test R2 {1 - residual.square().mean().item() / outcome[720:].var().item():.3f}")
