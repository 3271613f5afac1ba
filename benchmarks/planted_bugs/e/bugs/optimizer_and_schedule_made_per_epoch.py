# bug: train_epoch builds optimizer and StepLR itself: momentum is lost every epoch and the rate never decays
# style: functional script, one function per concern, called from a plain for loop over the epochs
# codes: LR310 LR309
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.optim.lr_scheduler import StepLR

EPOCHS = 24
BATCH = 100


def load():
    X, y = load_digits(return_X_y=True)
    X = torch.tensor(X, dtype=torch.float32) / 8 - 1
    y = torch.tensor(y)
    train, test = train_test_split(torch.arange(len(y)), test_size=397, random_state=5)
    return (X[train], y[train]), (X[test], y[test])


def make_network():
    return nn.Sequential(
        nn.Linear(64, 128),
        nn.ReLU(),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def batches(X, y, shuffle):
    order = torch.randperm(len(y)) if shuffle else torch.arange(len(y))
    for index in order.split(BATCH):
        yield X[index], y[index]


def train_epoch(net, X, y):
    optimizer = torch.optim.RMSprop(net.parameters(), lr=0.003, momentum=0.5)
    scheduler = StepLR(optimizer, step_size=6, gamma=0.3)
    net.train()
    total = 0.0
    for xb, yb in batches(X, y, shuffle=True):
        loss = F.cross_entropy(net(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(yb)
    scheduler.step()
    return total / len(y), scheduler.get_last_lr()[0]


def test_epoch(net, X, y):
    net.eval()
    loss, hits = 0.0, 0
    with torch.no_grad():
        for xb, yb in batches(X, y, shuffle=False):
            scores = net(xb)
            loss += F.cross_entropy(scores, yb, reduction="sum").item()
            hits += (scores.argmax(dim=1) == yb).sum().item()
    return loss / len(y), hits / len(y)


def main():
    torch.manual_seed(5)
    train, test = load()
    net = make_network()
    for epoch in range(1, EPOCHS + 1):
        train_loss, rate = train_epoch(net, *train)
        test_loss, accuracy = test_epoch(net, *test)
        if epoch % 3 == 0:
            print(
                f"epoch {epoch:2d} rate {rate:.4f} train {train_loss:.4f} test {test_loss:.4f} accuracy {accuracy:.4f}"
            )


if __name__ == "__main__":
    main()
