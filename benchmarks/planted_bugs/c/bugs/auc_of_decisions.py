# bug: the area under the ROC curve is computed from thresholded decisions, not from scores
# style: credit-like table, embedding for a category, metrics in a dict
# codes: LR223
import torch
from sklearn.metrics import accuracy_score, roc_auc_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


def table(count):
    numbers = torch.randn(count, 5)
    branch = torch.randint(6, (count,))
    risk = 1.2 * numbers[:, 0] - numbers[:, 1] * (branch % 2) + 0.4 * branch - 2.2
    default = torch.bernoulli(torch.sigmoid(risk))
    return TensorDataset(numbers, branch, default)


class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Embedding(6, 4)
        self.deep = nn.Sequential(nn.Linear(9, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, numbers, branch):
        return self.deep(torch.cat((numbers, self.branch(branch)), dim=1))[:, 0]


def metrics(scorer, loader):
    scorer.eval()
    decisions, truth = [], []
    with torch.no_grad():
        for numbers, branch, default in loader:
            probability = torch.sigmoid(scorer(numbers, branch))
            decisions.append((probability > 0.5).float())
            truth.append(default)
    decisions, truth = torch.cat(decisions).numpy(), torch.cat(truth).numpy()
    return {"accuracy": accuracy_score(truth, decisions), "auc": roc_auc_score(truth, decisions)}


train_loader = DataLoader(table(1500), batch_size=50, shuffle=True)
valid_loader = DataLoader(table(600), batch_size=200)
scorer = Scorer()
criterion, optimizer = nn.BCEWithLogitsLoss(), torch.optim.Adam(scorer.parameters(), lr=4e-3)
for epoch in range(5):
    scorer.train()
    for numbers, branch, default in train_loader:
        optimizer.zero_grad()
        loss = criterion(scorer(numbers, branch), default)
        loss.backward()
        optimizer.step()
    print(epoch, {name: round(float(value), 3) for name, value in metrics(scorer, valid_loader).items()})
