# bug: L1Loss compares a column of predictions with a flat vector of targets
# style: regression MLP
# codes: LR117
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
N = 800
features = torch.rand(N, 6) * 2 - 1
house_price = features[:, 0] * 3 - features[:, 1] ** 2 + 0.5 * torch.sin(3 * features[:, 2]) + 0.05 * torch.randn(N)

loader = DataLoader(TensorDataset(features, house_price), batch_size=32, shuffle=True)
net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
mae = nn.L1Loss()

for epoch in range(1, 16):
    total = 0.0
    for batch, price in loader:
        prediction = net(batch)
        loss = mae(prediction, price)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 5 == 0:
        print(f"epoch {epoch} mean absolute error {total / len(loader):.3f}")
