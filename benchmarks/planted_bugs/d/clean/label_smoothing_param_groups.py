# clean: label smoothing (the loss cannot reach zero), no weight decay on biases and norms, one cycle stepped per batch
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset, random_split


class Net(nn.Module):
    def __init__(self, width=64, dropout=0.2):
        super().__init__()
        self.first = nn.Linear(64, width)
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)
        self.last = nn.Linear(width, 10)

    def forward(self, x):
        return self.last(self.drop(nn.functional.gelu(self.norm(self.first(x)))))


def parameter_groups(model, decay):
    with_decay = [p for p in model.parameters() if p.dim() > 1]
    without = [p for p in model.parameters() if p.dim() <= 1]
    return [{"params": with_decay, "weight_decay": decay}, {"params": without, "weight_decay": 0.0}]


def evaluate(model, loader):
    model.eval()
    hits, count, loss = 0, 0, 0.0
    with torch.inference_mode():
        for x, y in loader:
            scores = model(x)
            loss += nn.functional.cross_entropy(scores, y, reduction="sum").item()
            hits += (scores.argmax(1) == y).sum().item()
            count += len(y)
    return loss / count, hits / count


def main(epochs=15):
    torch.manual_seed(0)
    digits = load_digits()
    data = TensorDataset(torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target))
    train_set, validation_set = random_split(data, [1437, 360])
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    validation_loader = DataLoader(validation_set, batch_size=360)
    model = Net()
    criterion = nn.CrossEntropyLoss(label_smoothing=0.2)
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.05), lr=1e-2)
    scheduler = OneCycleLR(optimizer, max_lr=1e-2, epochs=epochs, steps_per_epoch=len(train_loader))
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            scheduler.step()
            total += loss.item() * len(y)
        if epoch % 5 == 4:
            loss, accuracy = evaluate(model, validation_loader)
            print(
                f"epoch {epoch + 1}: smoothed loss {total / 1437:.4f}, validation loss {loss:.4f}, accuracy {accuracy:.3f}"
            )


if __name__ == "__main__":
    main()
