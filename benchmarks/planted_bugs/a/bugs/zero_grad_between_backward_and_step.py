# bug: gradients are cleared after backward and before the step
# style: one function a batch
# codes: LR302, LR704, LR303
import torch
from sklearn.datasets import load_iris
from torch import nn, optim

torch.manual_seed(0)
iris = load_iris()
X = torch.tensor(iris.data, dtype=torch.float32)
X = (X - X.mean(0)) / X.std(0)
Y = torch.tensor(iris.target)

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = optim.SGD(model.parameters(), lr=0.1)
loss_fn = nn.CrossEntropyLoss()


def train_step(x, y):
    logits = model(x)
    loss = loss_fn(logits, y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == y).float().mean().item()


for epoch in range(20):
    permutation = torch.randperm(len(X))
    stats = [train_step(X[i], Y[i]) for i in permutation.split(15)]
    loss, accuracy = (sum(column) / len(stats) for column in zip(*stats))
    if epoch % 5 == 0:
        print(f"epoch {epoch}: loss {loss:.3f}, accuracy {accuracy:.3f}")
