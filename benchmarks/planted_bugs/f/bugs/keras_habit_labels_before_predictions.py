# bug: the loss is called in the order of Keras (y_true, y_pred): labels are taken for logits and scores for labels
# style: engineer who comes from Keras: compile/fit class of his own, train_step and test_step
# codes: LR111 LR706 LR127
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn


def binary_crossentropy(y_true, y_pred):
    return F.binary_cross_entropy_with_logits(y_true, y_pred)


def binary_accuracy(y_true, y_pred):
    return ((y_pred > 0).float() == y_true).float().mean()


class Model:
    """A little of the interface of keras.Model around a torch module."""

    def __init__(self, net):
        self.net = net

    def compile(self, optimizer, loss, metric):
        self.optimizer, self.loss, self.metric = optimizer, loss, metric

    def train_step(self, x, y):
        self.net.train()
        y_pred = self.net(x).squeeze(-1)
        loss = self.loss(y, y_pred)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def test_step(self, x, y):
        self.net.eval()
        y_pred = self.net(x).squeeze(-1)
        return self.loss(y, y_pred).item(), self.metric(y, y_pred).item()

    def fit(self, x, y, epochs, batch_size, validation_data):
        history = []
        for epoch in range(epochs):
            order = torch.randperm(len(x))
            losses = [self.train_step(x[i], y[i]) for i in order.split(batch_size)]
            val_loss, val_metric = self.test_step(*validation_data)
            history.append(val_metric)
            print(
                f"Epoch {epoch + 1}/{epochs} - loss: {sum(losses) / len(losses):.4f} - val_loss: {val_loss:.4f} "
                f"- val_accuracy: {val_metric:.4f}"
            )
        return history


def main():
    torch.manual_seed(7)
    data = load_breast_cancer()
    x_train, x_val, y_train, y_val = train_test_split(
        data.data, data.target, test_size=0.25, stratify=data.target, random_state=7
    )
    scaler = StandardScaler().fit(x_train)
    x_train = torch.tensor(scaler.transform(x_train), dtype=torch.float32)
    x_val = torch.tensor(scaler.transform(x_val), dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32)
    y_val = torch.tensor(y_val, dtype=torch.float32)

    net = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    model = Model(net)
    model.compile(torch.optim.Adam(net.parameters(), lr=1e-3), loss=binary_crossentropy, metric=binary_accuracy)
    model.fit(x_train, y_train, epochs=12, batch_size=32, validation_data=(x_val, y_val))


if __name__ == "__main__":
    main()
