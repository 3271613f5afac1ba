import torch, torch.nn as nn, torch.nn.functional as F
num_inputs, num_outputs, num_hiddens = 784, 10, 256
W1 = nn.Parameter(torch.randn(num_inputs, num_hiddens, requires_grad=True) * 0.01)
W2 = nn.Parameter(torch.randn(num_hiddens, num_outputs, requires_grad=True) * 0.01)
def net(X):
    X = X.reshape((-1, num_inputs))
    H = torch.relu(X @ W1)
    return H @ W2
W3 = torch.randn(num_inputs, num_hiddens, requires_grad=True)  # error: bad-initialisation
W4 = torch.randn(num_hiddens, num_outputs, requires_grad=True)
b = torch.zeros(num_hiddens, requires_grad=True)
def net2(X):
    H = F.relu(X.view(-1, num_inputs) @ W3 + b)
    return H @ W4
opt = torch.optim.SGD([W1, W2, W3, W4, b], lr=.1)
for x, y in loader:
    opt.zero_grad(); (F.cross_entropy(net(x), y) + F.cross_entropy(net2(x), y)).backward(); opt.step()
