# bug: the gradient of sqrt at zero is infinite: distances of equal points turn everything into NaN
# style: siamese network
# codes: LR701
import torch
from sklearn.datasets import load_iris
from torch import nn

torch.manual_seed(0)
X, y = load_iris(return_X_y=True)
X = torch.tensor(X, dtype=torch.float32)
X = (X - X.mean(0)) / X.std(0)
y = torch.tensor(y)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.tower = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, a, b):
        difference = self.tower(a) - self.tower(b)
        return difference.pow(2).sum(1).sqrt()


net = Siamese()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
margin = 1.0
for step in range(200):
    i = torch.randint(0, len(X), (32,))
    j = torch.randint(0, len(X), (32,))
    j[::8] = i[::8]
    same = (y[i] == y[j]).float()
    distance = net(X[i], X[j])
    loss = (same * distance**2 + (1 - same) * torch.relu(margin - distance) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(step, loss.item())
