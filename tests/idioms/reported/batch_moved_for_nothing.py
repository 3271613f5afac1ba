import torch
from torch import nn, optim


def train(loader, device="cuda" if torch.cuda.is_available() else "cpu"):
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    model.to(device)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for images, labels in loader:
        images.to(device)  # error: discarded-result
        labels = labels.to(device)
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
