# bug: ExponentialLR(gamma=0.9), meant per epoch, is stepped after every batch: the rate is practically zero in the second epoch
# style: regression with a Learner class, train/valid curves in a history dict, summary at the end
# codes: LR309
import torch
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Regressor(nn.Module):
    def __init__(self, n_features, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_features, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, x):
        return self.net(x).squeeze(-1)


class Learner:
    def __init__(self, model, train_dl, valid_dl, lr=0.02, gamma=0.9):
        self.model = model
        self.train_dl, self.valid_dl = train_dl, valid_dl
        self.loss_func = nn.SmoothL1Loss()
        self.opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        self.sched = torch.optim.lr_scheduler.ExponentialLR(self.opt, gamma=gamma)
        self.history = {"train": [], "valid": []}

    def one_batch(self, xb, yb):
        pred = self.model(xb)
        loss = self.loss_func(pred, yb)
        if self.model.training:
            loss.backward()
            self.opt.step()
            self.opt.zero_grad()
            self.sched.step()
        return loss.item(), len(xb)

    def one_epoch(self, train):
        self.model.train(train)
        with torch.set_grad_enabled(train):
            results = [self.one_batch(xb, yb) for xb, yb in (self.train_dl if train else self.valid_dl)]
        return sum(loss * n for loss, n in results) / sum(n for _, n in results)

    def fit(self, epochs):
        for epoch in range(epochs):
            self.history["train"].append(self.one_epoch(train=True))
            self.history["valid"].append(self.one_epoch(train=False))
            print(f"{epoch:3d}  {self.history['train'][-1]:.4f}  {self.history['valid'][-1]:.4f}")


def main():
    torch.manual_seed(2)
    X, y = make_friedman1(n_samples=2500, n_features=10, noise=0.5, random_state=2)
    X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=500, random_state=2)
    mean, std = y_train.mean(), y_train.std()

    def dataset(features, target):
        return TensorDataset(
            torch.tensor(2 * features - 1, dtype=torch.float32), torch.tensor((target - mean) / std).float()
        )

    train_dl = DataLoader(dataset(X_train, y_train), batch_size=64, shuffle=True)
    valid_dl = DataLoader(dataset(X_valid, y_valid), batch_size=250)
    learner = Learner(Regressor(10, 64), train_dl, valid_dl)
    learner.fit(12)
    print(f"best validation loss {min(learner.history['valid']):.4f}")


main()
