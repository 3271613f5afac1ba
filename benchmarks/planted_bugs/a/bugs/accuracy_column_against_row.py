# bug: predictions of shape (N, 1) are compared with labels of shape (N,): N x N comparisons
# style: binary logistic regression
# codes: LR221
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
train_loader = DataLoader(TensorDataset(X[:400], y[:400]), batch_size=40, shuffle=True)
test_loader = DataLoader(TensorDataset(X[400:], y[400:]), batch_size=40)

model = nn.Linear(30, 1)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for epoch in range(10):
    model.train()
    for features, label in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(features), label.unsqueeze(1))
        loss.backward()
        optimizer.step()

    model.eval()
    correct = total = 0
    with torch.no_grad():
        for features, label in test_loader:
            predicted = (torch.sigmoid(model(features)) > 0.5).float()
            correct += (predicted == label).sum().item()
            total += label.size(0)
    print(f"epoch {epoch}: test accuracy {correct / total:.3f}")
