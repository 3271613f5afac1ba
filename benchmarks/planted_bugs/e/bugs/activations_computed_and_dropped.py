# bug: forward calls self.act(x) without using its result: the deep network is linear and cannot separate the rings
# style: own model with named layers, dataset of concentric rings, Adam, plain epochs
# codes: LR422 LR411
import torch
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class RingNet(nn.Module):
    def __init__(self, hidden_dim=32):
        super().__init__()
        self.input_layer = nn.Linear(2, hidden_dim)
        self.hidden_layer = nn.Linear(hidden_dim, hidden_dim)
        self.output_layer = nn.Linear(hidden_dim, 2)
        self.act = nn.Tanh()

    def forward(self, x):
        x = self.input_layer(x)
        self.act(x)
        x = self.hidden_layer(x)
        self.act(x)
        return self.output_layer(x)


def create_dataloaders(batch_size):
    points, labels = make_circles(1500, noise=0.08, factor=0.5, random_state=3)
    p_train, p_test, l_train, l_test = train_test_split(points, labels, test_size=0.2, random_state=3)
    train = TensorDataset(torch.tensor(p_train, dtype=torch.float32), torch.tensor(l_train))
    test = TensorDataset(torch.tensor(p_test, dtype=torch.float32), torch.tensor(l_test))
    return DataLoader(train, batch_size=batch_size, shuffle=True), DataLoader(test, batch_size=batch_size)


def train_step(model, dataloader, loss_fn, optimizer):
    model.train()
    train_loss, train_hits = 0.0, 0
    for X, y in dataloader:
        y_pred = model(X)
        loss = loss_fn(y_pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * len(y)
        train_hits += (y_pred.argmax(dim=1) == y).sum().item()
    return train_loss / len(dataloader.dataset), train_hits / len(dataloader.dataset)


def test_step(model, dataloader, loss_fn):
    model.eval()
    test_loss, test_hits = 0.0, 0
    with torch.inference_mode():
        for X, y in dataloader:
            logits = model(X)
            test_loss += loss_fn(logits, y).item() * len(y)
            test_hits += (logits.argmax(dim=1) == y).sum().item()
    return test_loss / len(dataloader.dataset), test_hits / len(dataloader.dataset)


def main():
    torch.manual_seed(42)
    train_dataloader, test_dataloader = create_dataloaders(batch_size=32)
    model = RingNet()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    for epoch in range(10):
        train_loss, train_acc = train_step(model, train_dataloader, loss_fn, optimizer)
        test_loss, test_acc = test_step(model, test_dataloader, loss_fn)
        print(
            f"Epoch: {epoch + 1} | train_loss: {train_loss:.4f} | train_acc: {train_acc:.4f} | "
            f"test_loss: {test_loss:.4f} | test_acc: {test_acc:.4f}"
        )


if __name__ == "__main__":
    main()
