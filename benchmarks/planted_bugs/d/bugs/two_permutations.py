# bug: training and test indices come from two different calls of randperm, so that most test samples were trained on
# style: index arithmetic by hand, overfitting network
# codes: LR713
import torch
from sklearn.datasets import make_classification
from torch import nn

torch.manual_seed(0)
features, labels = make_classification(
    n_samples=600, n_features=25, n_informative=6, n_classes=2, flip_y=0.3, class_sep=0.6, random_state=8
)
features = torch.tensor(features, dtype=torch.float32)
labels = torch.tensor(labels)

n_train = int(0.8 * len(features))
train_index = torch.randperm(len(features))[:n_train]
test_index = torch.randperm(len(features))[n_train:]
x_train, y_train = features[train_index], labels[train_index]
x_test, y_test = features[test_index], labels[test_index]


class Network(nn.Module):
    def __init__(self, inputs, hidden=200):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2)
        )

    def forward(self, x):
        return self.layers(x)


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()


model = Network(features.shape[1])
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
batch_size = 40
for epoch in range(40):
    model.train()
    order = torch.randperm(n_train)
    total = 0.0
    for start in range(0, n_train, batch_size):
        chosen = order[start : start + batch_size]
        optimizer.zero_grad()
        loss = criterion(model(x_train[chosen]), y_train[chosen])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(chosen)
    if epoch % 10 == 9:
        train, test = accuracy(model, x_train, y_train), accuracy(model, x_test, y_test)
        print(f"epoch {epoch + 1}: loss {total / n_train:.4f}, accuracy train {train:.3f}, test {test:.3f}")
