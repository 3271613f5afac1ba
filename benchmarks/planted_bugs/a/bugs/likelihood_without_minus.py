# bug: a hand-written negative log likelihood lost its minus sign
# style: functional loss
# codes: LR127
import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(0)
X, y = load_wine(return_X_y=True)
X, y = torch.tensor(scale(X), dtype=torch.float32), torch.tensor(y)


def nll(logits, labels):
    log_probs = F.log_softmax(logits, dim=1)
    return log_probs.gather(1, labels.unsqueeze(1)).mean()


model = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(15):
    for idx in torch.randperm(len(X)).split(32):
        optimizer.zero_grad()
        loss = nll(model(X[idx]), y[idx])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(X).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch}: loss {loss.item():.3f} accuracy {accuracy:.3f}")
