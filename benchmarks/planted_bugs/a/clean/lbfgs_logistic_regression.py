# style: LBFGS, full batch
import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(0)
X, y = load_wine(return_X_y=True)
X, y = torch.tensor(scale(X), dtype=torch.float32), torch.tensor(y)
model = nn.Linear(13, 3)
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=10, line_search_fn="strong_wolfe")
criterion = nn.CrossEntropyLoss()

for epoch in range(5):

    def closure():
        optimizer.zero_grad()
        loss = criterion(model(X), y) + 1e-3 * model.weight.pow(2).sum()
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    print(f"epoch {epoch}: {loss.item():.4f}")
