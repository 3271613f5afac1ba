# bug: loss = ... for the second task overwrites the loss of the first: its head is never trained
# style: multi-task learning with a shared trunk, loop over tasks
# codes: LR704 LR307
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class MultiTask(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, hidden), nn.ReLU())
        self.heads = nn.ModuleDict(
            {
                "digit": nn.Linear(hidden, 10),
                "ink": nn.Linear(hidden, 1),
            }
        )

    def forward(self, x):
        shared = self.trunk(x)
        return {name: head(shared) for name, head in self.heads.items()}


LOSSES = {"digit": nn.CrossEntropyLoss(), "ink": nn.MSELoss()}
WEIGHTS = {"digit": 1.0, "ink": 0.5}


def compute_loss(outputs, targets):
    for task, criterion in LOSSES.items():
        loss = WEIGHTS[task] * criterion(outputs[task], targets[task])
    return loss


def evaluate(model, loader):
    model.eval()
    hits, error, count = 0, 0.0, 0
    with torch.no_grad():
        for x, digit, ink in loader:
            outputs = model(x)
            hits += (outputs["digit"].argmax(1) == digit).sum().item()
            error += (outputs["ink"] - ink).pow(2).sum().item()
            count += len(x)
    return hits / count, error / count


def main():
    torch.manual_seed(0)
    digits = load_digits()
    order = torch.randperm(len(digits.target))
    x = torch.tensor(digits.data, dtype=torch.float32)[order] / 16
    digit = torch.tensor(digits.target)[order]
    ink = x.mean(dim=1, keepdim=True)
    ink = (ink - 0.3) / 0.05
    train_set = TensorDataset(x[:1400], digit[:1400], ink[:1400])
    test_set = TensorDataset(x[1400:], digit[1400:], ink[1400:])
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=397)
    model = MultiTask()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(12):
        model.train()
        for x, digit, ink in train_loader:
            loss = compute_loss(model(x), {"digit": digit, "ink": ink})
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 3 == 2:
            accuracy, error = evaluate(model, test_loader)
            print(f"epoch {epoch + 1}: digit accuracy {accuracy:.3f}, ink error {error:.4f}")


main()
