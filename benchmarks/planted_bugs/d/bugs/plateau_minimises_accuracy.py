# bug: ReduceLROnPlateau in its default mode "min" is given the accuracy, which rises: the rate is cut while training goes well
# style: train and validate functions, digits with a small CNN
# codes: LR309
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader, TensorDataset, random_split


def build_model():
    return nn.Sequential(
        nn.Conv2d(1, 10, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(10, 20, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(80, 10),
    )


def train(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * y.size(0)
    return total / len(loader.dataset)


def validate(model, loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in loader:
            correct += model(x).argmax(1).eq(y).sum().item()
    return correct / len(loader.dataset)


def main():
    torch.manual_seed(1)
    digits = load_digits()
    data = TensorDataset(torch.tensor(digits.images / 16).float().unsqueeze(1), torch.tensor(digits.target))
    train_data, val_data = random_split(data, [1300, 497])
    train_loader = DataLoader(train_data, batch_size=64, shuffle=True)
    val_loader = DataLoader(val_data, batch_size=256)
    model = build_model()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    scheduler = ReduceLROnPlateau(optimizer, factor=0.1, patience=1)
    for epoch in range(10):
        loss = train(model, train_loader, optimizer, criterion)
        accuracy = validate(model, val_loader)
        scheduler.step(accuracy)
        lr = optimizer.param_groups[0]["lr"]
        print(f"epoch {epoch}: loss {loss:.3f}, validation accuracy {accuracy:.3f}, next lr {lr:.1e}")


if __name__ == "__main__":
    main()
