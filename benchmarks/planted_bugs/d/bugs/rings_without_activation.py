# bug: four linear layers with nothing between them: the network is one linear map
# style: make_circles, module with forward over a list of layers
# codes: LR411
import torch
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class RingClassifier(nn.Module):
    def __init__(self, hidden_dim=32):
        super().__init__()
        self.fc1 = nn.Linear(2, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, hidden_dim)
        self.fc3 = nn.Linear(hidden_dim, hidden_dim)
        self.fc4 = nn.Linear(hidden_dim, 1)

    def forward(self, x):
        x = self.fc1(x)
        x = self.fc2(x)
        x = self.fc3(x)
        return self.fc4(x)


def to_dataset(points, rings):
    return TensorDataset(
        torch.tensor(points, dtype=torch.float32), torch.tensor(rings, dtype=torch.float32).unsqueeze(1)
    )


points, rings = make_circles(n_samples=1000, noise=0.07, factor=0.5, random_state=0)
train_points, test_points, train_rings, test_rings = train_test_split(points, rings, test_size=0.2, random_state=0)
train_loader = DataLoader(to_dataset(train_points, train_rings), batch_size=40, shuffle=True)
test_loader = DataLoader(to_dataset(test_points, test_rings), batch_size=200)

model = RingClassifier()
criterion = nn.BCEWithLogitsLoss()
optimizer = optim.Adam(model.parameters(), lr=0.005)

for epoch in range(20):
    model.train()
    train_loss = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * x.size(0)
    if (epoch + 1) % 5 == 0:
        print(f"epoch {epoch + 1}: loss {train_loss / len(train_loader.dataset):.4f}")

model.eval()
correct = 0
with torch.no_grad():
    for x, y in test_loader:
        correct += ((model(x) > 0) == (y > 0.5)).sum().item()
print(f"test accuracy {correct / len(test_loader.dataset):.3f}")
