# bug: the loop over an ensemble clears the gradients of the first member only
# style: ensemble, list of models and optimizers
# codes: LR301, LR708
import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(0)
X, y = load_wine(return_X_y=True)
X, y = torch.tensor(scale(X), dtype=torch.float32), torch.tensor(y)


def member():
    return nn.Sequential(nn.Linear(13, 12), nn.ReLU(), nn.Linear(12, 3))


models = [member() for _ in range(3)]
optimizers = [torch.optim.SGD(model.parameters(), lr=0.05) for model in models]
criterion = nn.CrossEntropyLoss()
for epoch in range(12):
    for index in torch.randperm(len(X)).split(30):
        for model, optimizer in zip(models, optimizers):
            models[0].zero_grad()
            loss = criterion(model(X[index]), y[index])
            loss.backward()
            optimizer.step()
with torch.no_grad():
    votes = torch.stack([model(X).softmax(1) for model in models]).mean(0)
print("ensemble accuracy", (votes.argmax(1) == y).float().mean().item())
