# bug: Adam with the learning rate 0.5 that was meant for SGD: the network collapses to the same prediction for all inputs
# style: OPTIMIZERS registry and config dictionary, experiment function, CNN with two blocks
# codes: LR706 LR705 LR707
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

OPTIMIZERS = {
    "sgd": lambda params, lr: torch.optim.SGD(params, lr=lr, momentum=0.0),
    "adam": lambda params, lr: torch.optim.Adam(params, lr=lr),
}

CONFIG = {
    "optimizer": "adam",
    "lr": 0.5,
    "batch_size": 64,
    "epochs": 8,
    "channels": (16, 32),
    "seed": 3,
}


class DigitsCNN(nn.Module):
    def __init__(self, channels):
        super().__init__()
        blocks, n_in = [], 1
        for n_out in channels:
            blocks += [nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            n_in = n_out
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(n_in * 4, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


def prepare(batch_size, seed):
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target)
    i_train, i_val = train_test_split(range(len(labels)), test_size=0.2, stratify=labels, random_state=seed)
    train = DataLoader(TensorDataset(images[i_train], labels[i_train]), batch_size=batch_size, shuffle=True)
    val = DataLoader(TensorDataset(images[i_val], labels[i_val]), batch_size=180)
    return train, val


def experiment(config):
    torch.manual_seed(config["seed"])
    train_loader, val_loader = prepare(config["batch_size"], config["seed"])
    model = DigitsCNN(config["channels"])
    optimizer = OPTIMIZERS[config["optimizer"]](model.parameters(), config["lr"])
    criterion = nn.CrossEntropyLoss()
    for epoch in range(1, config["epochs"] + 1):
        model.train()
        loss_sum = 0.0
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(labels)
        model.eval()
        with torch.no_grad():
            pairs = [(model(images).argmax(1), labels) for images, labels in val_loader]
        predictions = torch.cat([p for p, _ in pairs])
        targets = torch.cat([t for _, t in pairs])
        accuracy = (predictions == targets).float().mean().item()
        print(
            f"epoch {epoch}: train loss {loss_sum / len(train_loader.dataset):.4f}, val acc {accuracy:.4f}, "
            f"classes predicted {predictions.unique().numel()}"
        )


if __name__ == "__main__":
    experiment(CONFIG)
