# style: semi-supervised mean teacher: the teacher's parameters are in no optimizer, they follow by moving average
import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class MeanTeacher:
    def __init__(self, student, decay=0.9):
        self.student, self.decay = student, decay
        self.teacher = copy.deepcopy(student).requires_grad_(False)

    @torch.no_grad()
    def follow(self):
        for slow, fast in zip(self.teacher.parameters(), self.student.parameters()):
            slow.lerp_(fast, 1 - self.decay)


def jitter(x):
    return x + 0.1 * torch.randn_like(x)


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
labelled = DataLoader(TensorDataset(X[:200], y[:200]), batch_size=20, shuffle=True)
unlabelled = DataLoader(X[200:1400], batch_size=120, shuffle=True)
pair = MeanTeacher(nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10)))
optimizer = torch.optim.Adam(pair.student.parameters(), lr=3e-3)
for epoch in range(12):
    pair.student.train()
    pair.teacher.train()  # as in the paper, the teacher has noise of its own
    for (x, labels), free in zip(labelled, unlabelled):
        with torch.no_grad():
            wanted = pair.teacher(jitter(free)).softmax(dim=1)
        consistency = (pair.student(jitter(free)).softmax(dim=1) - wanted).square().sum(1).mean()
        loss = F.cross_entropy(pair.student(x), labels) + 0.5 * min(epoch / 5, 1.0) * consistency
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        pair.follow()
    if epoch % 3 == 2:
        scores = [accuracy(m, X[1400:], y[1400:]) for m in (pair.student, pair.teacher)]
        print(f"epoch {epoch}: student {scores[0]:.3f}, teacher {scores[1]:.3f}")
