"""Modules that are not known, and calls that look like a switch of their mode."""

# not: training-in-eval-mode
import torch
import torch.nn.functional as F
from library import build, extractor, metric, trainable, wrap


def fit(loader, test_loader):
    net = build()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in loader:
            optimizer.zero_grad()
            outputs = net(x)
            metric(outputs, y)
            F.cross_entropy(outputs, y).backward()
            optimizer.step()
        predictions = [net(x) for x, _ in test_loader]
        metric.eval({"predictions": predictions})


def distil(loader, test_loader):
    student, teacher = build(), build()
    both = wrap(student, teacher)
    optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
    for epoch in range(10):
        for each in both:
            each.train()
        for x, _ in loader:
            optimizer.zero_grad()
            F.mse_loss(student(x), teacher(x)).backward()
            optimizer.step()
        student.eval()
        with torch.no_grad():
            print(sum((student(x).argmax(1) == y).float().mean() for x, y in test_loader))


def generate(loader):
    net, judge = build(), extractor()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for step, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            F.mse_loss(net(x), y).backward()
            optimizer.step()
            if step % 100 == 0:
                judge.eval()
                print(judge(net(x)).mean())
