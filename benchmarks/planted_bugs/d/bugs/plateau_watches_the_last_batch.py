# bug: the loss of the last batch is reported as the epoch's and steers ReduceLROnPlateau
# style: noisy regression, script with small last batch
# codes: LR214
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
generator = torch.Generator().manual_seed(11)
x = torch.randn(1203, 8, generator=generator)
w = torch.randn(8, 1, generator=generator)
y = torch.tanh(x @ w) * 2 + (x[:, :1] * x[:, 1:2]) + 0.3 * torch.randn(1203, 1, generator=generator)
train_set = TensorDataset(x[:1003], y[:1003])
val_set = TensorDataset(x[1003:], y[1003:])
train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
val_loader = DataLoader(val_set, batch_size=197)

model = nn.Sequential(nn.Linear(8, 48), nn.GELU(), nn.Linear(48, 48), nn.GELU(), nn.Linear(48, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=1)

for epoch in range(1, 21):
    model.train()
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()

    model.eval()
    with torch.no_grad():
        for inputs, targets in val_loader:
            val_loss = criterion(model(inputs), targets)

    scheduler.step(val_loss.item())
    print(
        f"epoch {epoch:2d}, train loss {loss.item():.4f}, val loss {val_loss.item():.4f}, "
        f"lr {optimizer.param_groups[0]['lr']:.1e}"
    )

with torch.no_grad():
    print(
        f"mean squared error of all validation samples {criterion(model(val_set.tensors[0]), val_set.tensors[1]).item():.4f}"
    )
