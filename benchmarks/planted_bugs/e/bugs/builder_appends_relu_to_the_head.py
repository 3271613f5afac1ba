# bug: the builder loop appends ReLU after every linear layer, the last one too: negative scores are cut to zero
# style: reusable MLP(hidden sizes) class, Kaggle style digit classifier, functions train/predict
# codes: LR105 LR707
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class MLP(nn.Module):
    """Fully connected network from a list of sizes."""

    def __init__(self, sizes, dropout=0.0):
        super().__init__()
        layers = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:]):
            layers.append(nn.Linear(n_in, n_out))
            if dropout > 0 and n_out != sizes[-1]:
                layers.append(nn.Dropout(dropout))
            layers.append(nn.ReLU(inplace=True))
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


def get_loaders(batch_size):
    X, y = load_digits(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, random_state=7, stratify=y)
    sc = StandardScaler()
    X_tr = torch.as_tensor(sc.fit_transform(X_tr), dtype=torch.float32)
    X_te = torch.as_tensor(sc.transform(X_te), dtype=torch.float32)
    train = TensorDataset(X_tr, torch.as_tensor(y_tr))
    test = TensorDataset(X_te, torch.as_tensor(y_te))
    return DataLoader(train, batch_size, shuffle=True), DataLoader(test, batch_size)


def train_epoch(model, loader, loss_fn, opt):
    model.train()
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad(set_to_none=True)
        loss = loss_fn(model(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item() * len(xb)
    return total / len(loader.dataset)


@torch.inference_mode()
def accuracy(model, loader):
    model.eval()
    hits = sum((model(xb).argmax(-1) == yb).sum().item() for xb, yb in loader)
    return hits / len(loader.dataset)


def main():
    torch.manual_seed(0)
    train_loader, test_loader = get_loaders(batch_size=32)
    model = MLP([64, 64, 32, 10], dropout=0.1)
    loss_fn = nn.CrossEntropyLoss()
    opt = optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(12):
        loss = train_epoch(model, train_loader, loss_fn, opt)
        print(
            f"epoch {epoch + 1:02d}  train loss {loss:.4f}  "
            f"train acc {accuracy(model, train_loader):.3f}  test acc {accuracy(model, test_loader):.3f}"
        )


main()
