# bug: the loop that builds the network appends a ReLU behind the last layer, too
# style: builder function
# codes: LR105
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def build_mlp(sizes):
    layers = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers)


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
loader = DataLoader(TensorDataset(torch.tensor(X).float() / 16, torch.tensor(y)), batch_size=64, shuffle=True)
model = build_mlp([64, 48, 10])
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    total, correct = 0.0, 0
    for x, t in loader:
        optimizer.zero_grad()
        scores = model(x)
        loss = criterion(scores, t)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(t)
        correct += (scores.argmax(1) == t).sum().item()
    print(f"epoch {epoch}: loss {total / len(X):.3f}, accuracy {correct / len(X):.3f}")
