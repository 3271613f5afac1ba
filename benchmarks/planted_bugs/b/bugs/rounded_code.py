# bug: the code of the autoencoder is rounded: no gradient passes to the encoder
# style: autoencoder with a discrete code
# codes: LR112, LR704, LR702
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
images = torch.tensor(load_digits().data, dtype=torch.float32) / 16


class Quantised(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10), nn.Sigmoid())
        self.decode = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 64), nn.Sigmoid())

    def forward(self, x):
        return self.decode(torch.round(self.encode(x)))


model = Quantised()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    total = 0.0
    for (x,) in DataLoader(TensorDataset(images), batch_size=64, shuffle=True):
        optimizer.zero_grad()
        loss = ((model(x) - x) ** 2).sum(1).mean()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: {total:.2f}")
