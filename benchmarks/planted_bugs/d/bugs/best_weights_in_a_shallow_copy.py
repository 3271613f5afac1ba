# bug: the best weights are kept in a new dict of the same tensors: what is restored at the end are the last weights
# style: early stopping class, validation part, overfitting network
# codes: LR322
import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class EarlyStopping:
    def __init__(self, patience):
        self.patience = patience
        self.best_loss = float("inf")
        self.best_weights = None
        self.waited = 0

    def update(self, loss, model):
        """True when it is time to stop."""
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best_weights = {name: value for name, value in model.state_dict().items()}
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore(self, model):
        model.load_state_dict(self.best_weights)


def parts():
    x, y = make_classification(900, n_features=30, n_informative=5, flip_y=0.2, class_sep=0.7, random_state=2)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    return [TensorDataset(x[a:b], y[a:b]) for a, b in ((0, 300), (300, 600), (600, 900))]


def evaluate(model, dataset):
    x, y = dataset.tensors
    model.eval()
    with torch.no_grad():
        scores = model(x)
        return nn.functional.cross_entropy(scores, y).item(), (scores.argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    train_set, validation_set, test_set = parts()
    loader = DataLoader(train_set, batch_size=25, shuffle=True)
    model = nn.Sequential(nn.Linear(30, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    stopping = EarlyStopping(patience=15)
    for epoch in range(60):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        validation_loss, _ = evaluate(model, validation_set)
        if stopping.update(validation_loss, model):
            print(f"stopped after epoch {epoch + 1}, best validation loss {stopping.best_loss:.4f}")
            break
    stopping.restore(model)
    print(f"validation loss of the restored model {evaluate(model, validation_set)[0]:.4f}")
    loss, accuracy = evaluate(model, test_set)
    print(f"test loss {loss:.4f}, accuracy {accuracy:.3f}")


main()
