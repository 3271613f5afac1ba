# bug: a classifier is trained with the squared error to one-hot targets
# style: MLP class, manual batches
# codes: LR108
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(0)
np.random.seed(0)
X, y = load_digits(return_X_y=True)
X = torch.FloatTensor(X) / 16
y = torch.LongTensor(y)
order = torch.randperm(len(X))
train_idx, test_idx = order[:1400], order[1400:]


class Classifier(nn.Module):
    def __init__(self, hidden=50):
        super().__init__()
        self.fc1 = nn.Linear(64, hidden)
        self.fc2 = nn.Linear(hidden, 10)

    def forward(self, x):
        return torch.softmax(self.fc2(torch.relu(self.fc1(x))), dim=-1)


clf = Classifier()
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(clf.parameters(), lr=0.5)
for epoch in range(15):
    clf.train()
    for batch in torch.randperm(1400).split(100):
        idx = train_idx[batch]
        target = F.one_hot(y[idx], num_classes=10).float()
        loss = criterion(clf(X[idx]), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
clf.eval()
with torch.no_grad():
    accuracy = (clf(X[test_idx]).argmax(1) == y[test_idx]).float().mean()
print("accuracy", accuracy.item())
