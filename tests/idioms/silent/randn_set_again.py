import torch
import torch.nn.functional as F

w1 = torch.randn(200, 784, requires_grad=True)
w2 = torch.randn(100, 200, requires_grad=True)
w3 = torch.randn(10, 100, requires_grad=True)
for w in (w1, w2, w3):
    torch.nn.init.kaiming_normal_(w)
v1 = torch.randn(200, 784, requires_grad=True)
v2 = torch.randn(10, 200, requires_grad=True)
v1.data.mul_(0.05)
v2.data *= 0.05
with torch.no_grad():
    v2.copy_(torch.zeros(10, 200))
optimizer = torch.optim.SGD([w1, w2, w3, v1, v2], lr=0.1)
for images, labels in loader:
    x = images.view(-1, 784)
    loss = F.cross_entropy(F.linear(torch.tanh(F.linear(F.relu(x @ w1.t()), w2)), w3), labels)
    loss = loss + F.cross_entropy(F.linear(torch.tanh(F.linear(x, v1)), v2), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
