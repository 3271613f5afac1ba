# style: graph network, one full batch, masks
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
nodes = 120
labels = torch.arange(nodes) % 3
same = labels[:, None] == labels[None]
edges = torch.where(same, torch.rand(nodes, nodes) < 0.15, torch.rand(nodes, nodes) < 0.02).float()
adjacency = ((edges + edges.t()) > 0).float() + torch.eye(nodes)
degree = adjacency.sum(1)
propagation = adjacency / torch.sqrt(degree[:, None] * degree[None])
features = torch.randn(nodes, 16) + F.one_hot(labels, 16).float()
train_mask = torch.rand(nodes) < 0.5


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(16, 24)
        self.second = nn.Linear(24, 3)
        self.dropout = nn.Dropout(0.3)

    def forward(self, x, a):
        x = self.dropout(F.relu(a @ self.first(x)))
        return a @ self.second(x)


model = GCN()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=5e-4)
for epoch in range(100):
    model.train()
    optimizer.zero_grad()
    out = model(features, propagation)
    loss = F.cross_entropy(out[train_mask], labels[train_mask])
    loss.backward()
    optimizer.step()
    if epoch % 25 == 24:
        model.eval()
        with torch.no_grad():
            predicted = model(features, propagation).argmax(dim=1)
        accuracy = (predicted[~train_mask] == labels[~train_mask]).float().mean().item()
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}, accuracy {accuracy:.3f}")
