# style: regression, L1, scheduler on plateau
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.rand(1000, 1) * 6 - 3
y = torch.sin(2 * x) + 0.05 * torch.randn_like(x)
train_loader = DataLoader(TensorDataset(x[:800], y[:800]), batch_size=64, shuffle=True)
x_val, y_val = x[800:], y[800:]
net = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
mae = nn.L1Loss()
for epoch in range(20):
    net.train()
    for xb, yb in train_loader:
        loss = mae(net(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        validation = mae(net(x_val), y_val).item()
    plateau.step(validation)
    print(f"epoch {epoch}: {validation:.4f}")
