# bug: the heads of a multi-task network live in a plain dict: .parameters() does not see them
# style: multi-task learning, shared trunk, losses summed over tasks
# codes: LR405 LR307
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

TASKS = {"digit": 10, "parity": 2, "size": 3}


class MultiTask(nn.Module):
    def __init__(self, tasks, width=24):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, width), nn.ReLU())
        self.heads = {}
        for task, classes in tasks.items():
            self.heads[task] = nn.Sequential(nn.Linear(width, 12), nn.ReLU(), nn.Linear(12, classes))

    def forward(self, x):
        shared = self.trunk(x)
        return {task: head(shared) for task, head in self.heads.items()}


def labels_of(digit):
    return {"digit": digit, "parity": digit % 2, "size": torch.div(digit, 4, rounding_mode="floor")}


def total_loss(outputs, labels):
    return sum(F.cross_entropy(outputs[task], labels[task]) for task in outputs)


@torch.no_grad()
def report(model, x, digit):
    model.eval()
    outputs, labels = model(x), labels_of(digit)
    return {task: round((outputs[task].argmax(1) == labels[task]).float().mean().item(), 3) for task in outputs}


torch.manual_seed(0)
x, digit = load_digits(return_X_y=True)
x, digit = torch.tensor(x, dtype=torch.float32) / 16, torch.tensor(digit)
loader = DataLoader(TensorDataset(x[:1400], digit[:1400]), batch_size=56, shuffle=True)
model = MultiTask(TASKS)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    model.train()
    for inputs, digits in loader:
        optimizer.zero_grad()
        total_loss(model(inputs), labels_of(digits)).backward()
        optimizer.step()
    print(epoch, report(model, x[1400:], digit[1400:]))
