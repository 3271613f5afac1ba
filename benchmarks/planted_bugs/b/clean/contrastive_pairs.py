# style: self-supervised, similarities within the batch
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
images = torch.tensor(load_digits().data, dtype=torch.float32) / 16
encoder = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 16))
optimizer = torch.optim.AdamW(encoder.parameters(), lr=2e-3)
for epoch in range(5):
    total, batches = 0.0, 0
    for batch in DataLoader(images, batch_size=64, shuffle=True, drop_last=True):
        views = [batch + 0.1 * torch.randn_like(batch) for _ in range(2)]
        first, second = (F.normalize(encoder(view), dim=1) for view in views)
        similarity = first @ second.t() / 0.2
        labels = torch.arange(len(batch))
        loss = 0.5 * (F.cross_entropy(similarity, labels) + F.cross_entropy(similarity.t(), labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, batches = total + loss.item(), batches + 1
    print(f"epoch {epoch}: {total / batches:.3f}")
