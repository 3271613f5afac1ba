# bug: gradients are never cleared
# style: Trainer class with callbacks (TrainCheck: stackoverflow-60335387)
# codes: LR301, LR708
import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class History:
    def __init__(self):
        self.losses = []

    def on_batch_end(self, loss):
        self.losses.append(loss)


class Learner:
    def __init__(self, model, loss_func, optimizer, callbacks=()):
        self.model, self.loss_func, self.optimizer, self.callbacks = model, loss_func, optimizer, callbacks

    def one_batch(self, xb, yb):
        pred = self.model(xb)
        loss = self.loss_func(pred, yb)
        loss.backward()
        self.optimizer.step()
        for callback in self.callbacks:
            callback.on_batch_end(loss.item())

    def fit(self, epochs, loader):
        for _ in range(epochs):
            self.model.train()
            for xb, yb in loader:
                self.one_batch(xb, yb)


torch.manual_seed(0)
X, y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)
loader = DataLoader(TensorDataset(torch.tensor(X).float(), torch.tensor(y)), batch_size=16, shuffle=True)
model = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
history = History()
learner = Learner(model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=0.05), [history])
learner.fit(15, loader)
print(history.losses[::20])
