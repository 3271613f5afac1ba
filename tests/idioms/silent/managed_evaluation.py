"""A context manager of a library, which is handed the model, switches its mode and the recording of the graph."""

# not: evaluation-with-gradients
# not: evaluation-in-training-mode
import torch
import torch.nn.functional as F
from library.modes import eval_mode
from torch import nn

net = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 4))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in train_loader:
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()

right = seen = 0
with eval_mode(net):
    for x, y in test_loader:
        right += (net(x).argmax(1) == y).sum().item()
        seen += len(y)
print(right / seen)
