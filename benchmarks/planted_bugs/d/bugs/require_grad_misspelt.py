# bug: p.require_grad = False sets a new attribute: the pretrained encoder is not frozen and is overwritten
# style: transfer from an autoencoder to a classifier with few labels
# codes: LR323
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class AutoEncoder(nn.Module):
    def __init__(self, code=16):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, code), nn.ReLU())
        self.decoder = nn.Sequential(nn.Linear(code, 48), nn.ReLU(), nn.Linear(48, 64))

    def forward(self, x):
        return self.decoder(self.encoder(x))


class Classifier(nn.Module):
    def __init__(self, encoder, code=16, classes=10):
        super().__init__()
        self.encoder = encoder
        for p in self.encoder.parameters():
            p.require_grad = False
        self.head = nn.Linear(code, classes)

    def forward(self, x):
        return self.head(self.encoder(x))


def pretrain(model, x, epochs=15):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(epochs):
        for part in x[torch.randperm(len(x))].split(64):
            optimizer.zero_grad()
            F.mse_loss(model(part), part).backward()
            optimizer.step()
    with torch.no_grad():
        return F.mse_loss(model(x), x).item()


def finetune(model, x, y, steps=200):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        if step % 50 == 49:
            print(f"step {step + 1}: {loss.item():.4f}")


torch.manual_seed(0)
digits = load_digits()
order = torch.randperm(len(digits.target))
x = torch.tensor(digits.data / 16, dtype=torch.float32)[order]
y = torch.tensor(digits.target)[order]
autoencoder = AutoEncoder()
print(f"reconstruction error {pretrain(autoencoder, x[:1400]):.4f}")
classifier = Classifier(autoencoder.encoder)
finetune(classifier, x[:100], y[:100])
classifier.eval()
autoencoder.eval()
with torch.no_grad():
    print(f"test accuracy {(classifier(x[1400:]).argmax(1) == y[1400:]).float().mean().item():.3f}")
    print(f"reconstruction error after fine-tuning the head {F.mse_loss(autoencoder(x[:1400]), x[:1400]).item():.4f}")
