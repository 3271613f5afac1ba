# bug: the second block is applied to x instead of the result of the first, which is thus computed and dropped
# style: module with blocks of equal width, digits
# codes: LR424 LR704
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.act = nn.GELU()

    def forward(self, x):
        return self.act(self.norm(self.linear(x)))


class Tower(nn.Module):
    def __init__(self, features, classes):
        super().__init__()
        self.block1 = Block(features)
        self.block2 = Block(features)
        self.block3 = Block(features)
        self.head = nn.Linear(features, classes)

    def forward(self, x):
        out = self.block1(x)
        out = self.block2(x)
        out = self.block3(x)
        return self.head(out)


def main():
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.3, random_state=3, stratify=y)
    train_set = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train))
    test_set = TensorDataset(torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test))
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=128)
    model = Tower(64, 10)
    print(f"{sum(p.numel() for p in model.parameters())} parameters")
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(10):
        model.train()
        loss_sum = 0.0
        for images, labels in train_loader:
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(labels)
        model.eval()
        hits = 0
        with torch.no_grad():
            for images, labels in test_loader:
                hits += (model(images).argmax(-1) == labels).sum().item()
        print(f"epoch {epoch + 1}: loss {loss_sum / len(train_set):.4f}, test accuracy {hits / len(test_set):.3f}")


if __name__ == "__main__":
    main()
