# bug: the contrastive loss takes exp of similarities at temperature 0.01 without subtracting the maximum: infinity
# style: SimCLR-like on digits with noise as augmentation, one class for the loss
# codes: LR114 LR701
import torch
from sklearn.datasets import load_digits
from torch import nn


class InfoNCE(nn.Module):
    def __init__(self, temperature):
        super().__init__()
        self.temperature = temperature

    def forward(self, first, second):
        first = nn.functional.normalize(first, dim=1)
        second = nn.functional.normalize(second, dim=1)
        similarity = torch.exp(first @ second.t() / self.temperature)
        positive = similarity.diagonal()
        return -torch.log(positive / similarity.sum(dim=1)).mean()


def augment(x):
    shift = torch.randint(-1, 2, (1,)).item()
    x = torch.roll(x.view(-1, 8, 8), shift, dims=2).reshape(len(x), 64)
    return x + 0.1 * torch.randn_like(x)


def nearest_neighbour_accuracy(encoder, x_train, y_train, x_test, y_test):
    encoder.eval()
    with torch.no_grad():
        train, test = (nn.functional.normalize(encoder(x), dim=1) for x in (x_train, x_test))
    encoder.train()
    return (y_train[(test @ train.t()).argmax(dim=1)] == y_test).float().mean().item()


torch.manual_seed(0)
data = load_digits()
x = torch.tensor(data.data, dtype=torch.float32) / 16
y = torch.tensor(data.target)
order = torch.randperm(len(x))
train, test = order[:1400], order[1400:]

encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 32))
criterion = InfoNCE(temperature=0.01)
optimizer = torch.optim.AdamW(encoder.parameters(), lr=1e-3)
for epoch in range(10):
    losses = []
    for index in train[torch.randperm(len(train))].split(100):
        batch = x[index]
        loss = criterion(encoder(augment(batch)), encoder(augment(batch)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    score = nearest_neighbour_accuracy(encoder, x[train], y[train], x[test], y[test])
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, 1-NN accuracy {score:.3f}")
