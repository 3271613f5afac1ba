# bug: the loss is summed over the batch, and the learning rate was meant for its mean: training blows up
# style: linear autoencoder-like regression on images, configuration as a dict
# codes: LR703 LR701 LR705
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

config = {"hidden": 32, "batch_size": 64, "epochs": 10, "lr": 0.1, "momentum": 0.9, "seed": 0}


class HalfPredictor(nn.Module):
    """Predicts the lower half of a digit from the upper one."""

    def __init__(self, hidden):
        super().__init__()
        self.inputs = nn.Linear(32, hidden)
        self.outputs = nn.Linear(hidden, 32)

    def forward(self, upper):
        return self.outputs(torch.relu(self.inputs(upper)))


def data():
    images = torch.tensor(load_digits().data, dtype=torch.float32) / 16
    images = images[torch.randperm(len(images))]
    upper, lower = images[:, :32], images[:, 32:]
    return TensorDataset(upper[:1400], lower[:1400]), TensorDataset(upper[1400:], lower[1400:])


def evaluate(model, dataset):
    upper, lower = dataset.tensors
    model.eval()
    with torch.no_grad():
        return (model(upper) - lower).pow(2).mean().item()


torch.manual_seed(config["seed"])
train_set, test_set = data()
loader = DataLoader(train_set, batch_size=config["batch_size"], shuffle=True)
model = HalfPredictor(config["hidden"])
criterion = nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=config["momentum"])
for epoch in range(config["epochs"]):
    model.train()
    total = 0.0
    for upper, lower in loader:
        optimizer.zero_grad()
        loss = criterion(model(upper), lower)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(
        f"epoch {epoch + 1}: loss per image {total / len(train_set):.4f}, test error per pixel {evaluate(model, test_set):.4f}"
    )
