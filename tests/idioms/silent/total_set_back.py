"""The mean over a hundred steps, of a total that is set back."""

# not: metric-not-reset

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

images = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
loader = DataLoader(images, batch_size=64, shuffle=True)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
running = 0.0
for epoch in range(5):
    for step, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
        if step % 100 == 99:
            print(f"epoch {epoch}, step {step}: loss {running / 100:.3f}")
            running = 0.0
