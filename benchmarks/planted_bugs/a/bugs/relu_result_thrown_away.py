# bug: F.relu(x) as a statement: the network is linear
# style: MLP class
# codes: LR422, LR411
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_circles
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = make_circles(800, noise=0.05, factor=0.5, random_state=0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 32)
        self.fc2 = nn.Linear(32, 32)
        self.fc3 = nn.Linear(32, 2)

    def forward(self, x):
        x = self.fc1(x)
        F.relu(x)
        x = self.fc2(x)
        F.relu(x)
        return self.fc3(x)


model = Net()
loader = DataLoader(TensorDataset(X, y), batch_size=40, shuffle=True)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(10):
    correct = 0
    for xb, yb in loader:
        optimizer.zero_grad()
        out = model(xb)
        loss = F.cross_entropy(out, yb)
        loss.backward()
        optimizer.step()
        correct += (out.argmax(1) == yb).sum().item()
    print(f"epoch {epoch}: {correct / len(X):.3f}")
