# clean: a student of the same size learns from its teacher's log-probabilities (KL with log_target) and the labels
# style: two-stage research script, temperature, frozen teacher in eval mode, generic epoch function with a loss callable
# tempts: LR113 (log_target), LR102 (log_softmax beside cross entropy), LR307 (teacher in no optimizer any more), LR704
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

TEMPERATURE = 3.0
ALPHA = 0.7


def make_net():
    return nn.Sequential(
        nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 10)
    )


def supervised_loss(model, x, y):
    return F.cross_entropy(model(x), y)


class DistillationLoss:
    def __init__(self, teacher, temperature, alpha):
        self.teacher = teacher.eval().requires_grad_(False)
        self.temperature = temperature
        self.alpha = alpha

    def __call__(self, student, x, y):
        student_logits = student(x)
        with torch.no_grad():
            teacher_logits = self.teacher(x)
        soft = F.kl_div(
            F.log_softmax(student_logits / self.temperature, dim=-1),
            F.log_softmax(teacher_logits / self.temperature, dim=-1),
            reduction="batchmean",
            log_target=True,
        )
        hard = F.cross_entropy(student_logits, y)
        return self.alpha * self.temperature**2 * soft + (1 - self.alpha) * hard


def train(model, loader, loss_fn, epochs, lr=2e-3):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            loss = loss_fn(model, x, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
    return total / len(loader.dataset)


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    hits = sum((model(x).argmax(-1) == y).sum().item() for x, y in loader)
    return hits / len(loader.dataset)


def main():
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x = torch.tensor(x, dtype=torch.float32) / 8 - 1
    y = torch.tensor(y)
    train_idx, test_idx = train_test_split(range(len(y)), test_size=0.3, stratify=y, random_state=0)
    train_loader = DataLoader(TensorDataset(x[train_idx], y[train_idx]), batch_size=48, shuffle=True)
    test_loader = DataLoader(TensorDataset(x[test_idx], y[test_idx]), batch_size=180)

    model = make_net()
    final = train(model, train_loader, supervised_loss, epochs=12)
    print(f"generation 0: loss {final:.4f}, test accuracy {accuracy(model, test_loader):.4f}")
    for generation in (1, 2):
        student = make_net()
        final = train(student, train_loader, DistillationLoss(model, TEMPERATURE, ALPHA), epochs=20)
        print(f"generation {generation}: loss {final:.4f}, test accuracy {accuracy(student, test_loader):.4f}")
        model = student


if __name__ == "__main__":
    main()
