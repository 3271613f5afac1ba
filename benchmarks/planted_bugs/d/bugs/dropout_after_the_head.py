# bug: a dropout layer follows the output layer, so that scores of the right class are zeroed at random in training
# style: Sequential built from a list of sizes, wine data
# codes: LR122
import itertools

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def build(sizes, rate):
    layers = []
    for i, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
        layers.append(nn.Linear(fan_in, fan_out))
        if i < len(sizes) - 2:
            layers.append(nn.ReLU())
        layers.append(nn.Dropout(rate))
    return nn.Sequential(*layers)


def run(model, loader, criterion, optimizer=None):
    training = optimizer is not None
    model.train(training)
    loss_sum, hits, count = 0.0, 0, 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            scores = model(x)
            loss = criterion(scores, y)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(y)
            hits += (scores.argmax(1) == y).sum().item()
            count += len(y)
    return loss_sum / count, hits / count


torch.manual_seed(0)
x, y = load_wine(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, stratify=y, random_state=1)
scaler = StandardScaler().fit(x_train)
as_tensors = lambda a, b: TensorDataset(torch.tensor(scaler.transform(a), dtype=torch.float32), torch.tensor(b))  # noqa: E731
train_loader = DataLoader(as_tensors(x_train, y_train), batch_size=16, shuffle=True)
test_loader = DataLoader(as_tensors(x_test, y_test), batch_size=64)

model = build([13, 32, 16, 3], rate=0.5)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(30):
    loss, accuracy = run(model, train_loader, criterion, optimizer)
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: train loss {loss:.3f}, accuracy {accuracy:.3f}")
loss, accuracy = run(model, test_loader, criterion)
print(f"test: loss {loss:.3f}, accuracy {accuracy:.3f}")
