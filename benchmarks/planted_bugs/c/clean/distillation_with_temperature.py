# style: knowledge distillation: the teacher has no optimizer any more, its softmax is the target of a KL divergence
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

T, WEIGHT = 3.0, 0.7


def mlp(width):
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(width, 10))


def distillation(student_logits, teacher_logits, labels):
    soft = F.kl_div(
        F.log_softmax(student_logits / T, dim=1), F.softmax(teacher_logits / T, dim=1), reduction="batchmean"
    )
    return WEIGHT * T * T * soft + (1 - WEIGHT) * F.cross_entropy(student_logits, labels)


def accuracy(model, x, y):
    model.eval()
    with torch.inference_mode():
        return (model(x).argmax(1) == y).float().mean().item()


def fit(model, loader, epochs, loss_of):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss_of(model(x), x, y).backward()
            optimizer.step()


torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
loader = DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=50, shuffle=True)
teacher, student = mlp(128), mlp(12)

fit(teacher, loader, 5, lambda scores, x, y: F.cross_entropy(scores, y))
teacher.requires_grad_(False).eval()
print(f"teacher {accuracy(teacher, X[1400:], y[1400:]):.3f}")

fit(student, loader, 8, lambda scores, x, y: distillation(scores, teacher(x), y))
print(f"student {accuracy(student, X[1400:], y[1400:]):.3f}")
