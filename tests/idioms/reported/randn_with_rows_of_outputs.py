import torch
import torch.nn.functional as F

w1 = torch.randn(200, 784, requires_grad=True)  # error: bad-initialisation
w2 = torch.randn(100, 200, requires_grad=True)  # error: bad-initialisation
w3 = torch.randn(10, 100, requires_grad=True)
b1 = torch.zeros(200, requires_grad=True)
optimizer = torch.optim.SGD([w1, w2, w3, b1], lr=0.1)


def forward(x):
    x = F.relu(x @ w1.t() + b1)
    x = torch.tanh(F.linear(x, w2))
    return F.linear(x, w3)


for images, labels in loader:
    loss = F.cross_entropy(forward(images.view(-1, 784)), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
