# bug: the initialisation uses up the generator of the body's parameters, so the optimizer's first group is empty
# style: parameter groups with two learning rates, fine-tuning look
# codes: LR326 LR307
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.head = nn.Linear(hidden, 10)

    def forward(self, x):
        return self.head(self.body(x))


def initialise(parameters):
    for p in parameters:
        if p.dim() > 1:
            nn.init.kaiming_normal_(p)
        else:
            nn.init.zeros_(p)


def prepare(model, slow, fast):
    body, head = model.body.parameters(), model.head.parameters()
    initialise(body)
    return torch.optim.Adam([{"params": body, "lr": slow}, {"params": head}], lr=fast)


def run_epoch(model, loader, optimizer=None):
    model.train(optimizer is not None)
    loss_sum = hits = count = 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            scores = model(x)
            loss = nn.functional.cross_entropy(scores, y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(y)
            hits += (scores.argmax(1) == y).sum().item()
            count += len(y)
    return loss_sum / count, hits / count


torch.manual_seed(2)
data, target = load_digits(return_X_y=True)
data, target = torch.tensor(data, dtype=torch.float32).div(16), torch.tensor(target)
train_loader = DataLoader(TensorDataset(data[:1400], target[:1400]), batch_size=50, shuffle=True)
test_loader = DataLoader(TensorDataset(data[1400:], target[1400:]), batch_size=100)
model = Net()
optimizer = prepare(model, slow=3e-3, fast=6e-3)
for epoch in range(6):
    train_loss, _ = run_epoch(model, train_loader, optimizer)
    test_loss, test_accuracy = run_epoch(model, test_loader)
    print(f"epoch {epoch}: train {train_loss:.3f}, test {test_loss:.3f}, accuracy {test_accuracy:.3f}")
