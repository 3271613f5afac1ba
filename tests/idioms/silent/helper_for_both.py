"""One helper computes the loss of the training and the numbers of the evaluation: its call of the model needs the graph."""

# not: evaluation-with-gradients
# not: evaluation-in-training-mode
import torch
import torch.nn.functional as F
from torch import nn

net = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 4))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)


def judged(x, y):
    outputs = net(x)
    return F.cross_entropy(outputs, y), (outputs.argmax(1) == y).float().mean()


for step in range(100):
    optimizer.zero_grad()
    loss, accuracy = judged(train_x, train_y)
    loss.backward()
    optimizer.step()
    loss, accuracy = judged(val_x, val_y)
    print(step, loss.item(), accuracy.item())
loss, accuracy = judged(test_x, test_y)
print(loss.item(), accuracy.item())
