# bug: WeightedRandomSampler draws 600 samples of a larger set, and the accuracy is divided by len(loader.dataset)
# style: balanced sampling, helper that returns the quotient
# codes: LR224 LR203
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
keep = (y[:1400] < 5) | (torch.rand(1400) < 0.4)  # five digits are rare
train_X, train_y, test_X, test_y = X[:1400][keep], y[:1400][keep], X[1400:], y[1400:]
weights = 1.0 / torch.bincount(train_y).float()[train_y]
sampler = WeightedRandomSampler(weights, num_samples=600)
loader = DataLoader(TensorDataset(train_X, train_y), batch_size=40, sampler=sampler)


def train_one_epoch(net, optimizer, loader):
    net.train()
    correct = 0
    for inputs, labels in loader:
        optimizer.zero_grad()
        scores = net(inputs)
        loss = nn.functional.cross_entropy(scores, labels)
        loss.backward()
        optimizer.step()
        correct += (scores.argmax(1) == labels).sum().item()
    return correct / len(loader.dataset)


def test(net):
    net.eval()
    with torch.no_grad():
        return (net(test_X).argmax(1) == test_y).sum().item() / len(test_y)


net = nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Linear(40, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    share = train_one_epoch(net, optimizer, loader)
    print(f"epoch {epoch}: training accuracy {share:.3f}, test accuracy {test(net):.3f}")
