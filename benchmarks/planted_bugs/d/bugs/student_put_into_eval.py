# bug: eval() is called on the student instead of the teacher before distillation: the student trains in eval mode
# style: teacher and student with dropout and batch normalisation, functions
# codes: LR207 LR205
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


def make_net(width, dropout):
    return nn.Sequential(
        nn.Linear(64, width, bias=False),
        nn.BatchNorm1d(width),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(width, width, bias=False),
        nn.BatchNorm1d(width),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(width, 10),
    )


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


def train_teacher(net, x, y, epochs=15):
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(epochs):
        net.train()
        for index in torch.randperm(len(x)).split(64):
            loss = F.cross_entropy(net(x[index]), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def distil(teacher, student, x, temperature=2.0, epochs=25):
    optimizer = torch.optim.SGD(student.parameters(), lr=0.02)
    teacher.train()
    student.eval()
    for epoch in range(epochs):
        total = 0.0
        for index in torch.randperm(len(x)).split(64):
            with torch.no_grad():
                soft = F.softmax(teacher(x[index]) / temperature, dim=1)
            loss = F.cross_entropy(student(x[index]) / temperature, soft)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(index)
        if epoch % 5 == 4:
            print(f"distillation {epoch + 1}: {total / len(x):.4f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    bunch = load_digits()
    order = torch.randperm(len(bunch.target))
    x = torch.tensor(bunch.data, dtype=torch.float32)[order] / 16
    y = torch.tensor(bunch.target)[order]
    teacher, student = make_net(96, 0.4), make_net(24, 0.1)
    train_teacher(teacher, x[:1300], y[:1300])
    print(f"teacher {accuracy(teacher, x[1300:], y[1300:]):.3f}")
    distil(teacher, student, x[:1300])
    print(f"student {accuracy(student, x[1300:], y[1300:]):.3f}")
