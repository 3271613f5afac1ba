# A loader that is an argument: what stands beside the inputs of the model are its labels.
import torch
from torch import nn

criterion = nn.CrossEntropyLoss()


def train(batches, epochs):
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(epochs):
        for x, y in batches:
            x, y = x.cuda(non_blocking=True), y.cuda(non_blocking=True)
            optimizer.zero_grad()
            loss = criterion(y, model(x))  # error: swapped-loss-arguments
            loss.backward()
            optimizer.step()


def rebuild(batches):
    coder = nn.Sequential(nn.Linear(20, 4), nn.ReLU(), nn.Linear(4, 20), nn.Sigmoid())
    optimizer = torch.optim.SGD(coder.parameters(), lr=0.1)
    for x, _ in batches:
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy(x, coder(x)).backward()  # error: swapped-loss-arguments
        optimizer.step()
