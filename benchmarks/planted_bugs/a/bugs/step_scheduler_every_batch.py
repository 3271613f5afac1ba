# bug: a schedule meant for epochs is stepped at every batch: the learning rate is gone after the first epoch
# style: CNN, ExponentialLR
# codes: LR309
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
digits = load_digits()
X = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
y = torch.tensor(digits.target)
loader = DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True)
cnn = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(128, 10))
optimizer = torch.optim.SGD(cnn.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.1)
for epoch in range(6):
    cnn.train()
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(cnn(xb), yb)
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item()
    print(f"epoch {epoch}: loss {total / len(loader):.3f}, lr {scheduler.get_last_lr()[0]:.2e}")
