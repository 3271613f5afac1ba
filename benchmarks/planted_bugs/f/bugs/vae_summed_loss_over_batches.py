# bug: the ELBO is summed over samples (reduction="sum") and the epoch's figure divides it by the number of batches
# style: VAE example script, variational autoencoder on 8x8 digits, train(epoch)/test(epoch)
# codes: LR204
import torch
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)

pixels = torch.tensor(load_digits().data, dtype=torch.float32) / 16
train_loader = DataLoader(TensorDataset(pixels[:1437]), batch_size=96, shuffle=True)
test_loader = DataLoader(TensorDataset(pixels[1437:]), batch_size=96)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 48)
        self.fc21 = nn.Linear(48, 6)
        self.fc22 = nn.Linear(48, 6)
        self.fc3 = nn.Linear(6, 48)
        self.fc4 = nn.Linear(48, 64)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        return mu + torch.randn_like(std) * std

    def decode(self, z):
        return self.fc4(F.relu(self.fc3(z)))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


model = VAE()
optimizer = optim.Adam(model.parameters(), lr=2e-3)


def loss_function(logits, x, mu, logvar):
    reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return reconstruction + kld


def train(epoch):
    model.train()
    train_loss = 0
    for (data,) in train_loader:
        optimizer.zero_grad()
        logits, mu, logvar = model(data)
        loss = loss_function(logits, data, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
    print(f"====> Epoch: {epoch} Average loss per digit: {train_loss / len(train_loader):.4f}")


def test(epoch):
    model.eval()
    test_loss = 0
    with torch.no_grad():
        for (data,) in test_loader:
            logits, mu, logvar = model(data)
            test_loss += loss_function(logits, data, mu, logvar).item()
    print(f"====> Test set loss per digit: {test_loss / len(test_loader):.4f}")


for epoch in range(1, 11):
    train(epoch)
    test(epoch)
