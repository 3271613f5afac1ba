# bug: the gates of the residual blocks are nn.Parameter objects in a plain list, which parameters() does not find
# style: residual network with learned gates that start at zero (ReZero)
# codes: LR405
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)

    def forward(self, x):
        return self.outer(torch.relu(self.inner(x)))


class ReZeroNet(nn.Module):
    def __init__(self, features, width, depth, outputs):
        super().__init__()
        self.stem = nn.Linear(features, width)
        self.blocks = nn.ModuleList([Block(width) for _ in range(depth)])
        self.gates = [nn.Parameter(torch.zeros(1)) for _ in range(depth)]
        self.head = nn.Linear(width, outputs)

    def forward(self, x):
        x = self.stem(x)
        for gate, block in zip(self.gates, self.blocks, strict=True):
            x = x + gate * block(x)
        return self.head(x)


def checkerboard(count, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.rand(count, 2, generator=g) * 4 - 2
    return TensorDataset(x, (x.floor().sum(1) % 2).long())


torch.manual_seed(0)
train_loader = DataLoader(checkerboard(1500, 1), batch_size=50, shuffle=True)
test_set = checkerboard(500, 2)
model = ReZeroNet(2, width=32, depth=4, outputs=2)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(20):
    model.train()
    loss_sum = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(x)
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: loss {loss_sum / 1500:.4f}")

model.eval()
with torch.no_grad():
    x, y = test_set.tensors
    print(f"test accuracy {(model(x).argmax(1) == y).float().mean().item():.3f}")
