# style: functional, no nn.Module, no optimizer
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)

W1 = (torch.randn(64, 32) / 8).requires_grad_()
b1 = torch.zeros(32, requires_grad=True)
W2 = (torch.randn(32, 10) / 6).requires_grad_()
b2 = torch.zeros(10, requires_grad=True)
parameters = [W1, b1, W2, b2]


def model(x):
    return F.relu(x @ W1 + b1) @ W2 + b2


learning_rate = 0.2
for epoch in range(10):
    for idx in torch.randperm(1500).split(50):
        loss = F.cross_entropy(model(X[idx]), y[idx])
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p -= learning_rate * p.grad
                p.grad.zero_()
    with torch.no_grad():
        accuracy = (model(X[1500:]).argmax(1) == y[1500:]).float().mean().item()
    print(f"epoch {epoch}: loss {loss.item():.4f} accuracy {accuracy:.3f}")
