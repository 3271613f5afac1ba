# bug: the states are (time, batch, width) and view(batch, -1) cuts them as if they were (batch, time, width)
# style: LSTM over image columns, functions only
# codes: LR514 LR705 LR709 LR711
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)


class ColumnReader(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.lstm = nn.LSTM(input_size=8, hidden_size=width)
        self.classify = nn.Linear(8 * width, 10)

    def forward(self, images):
        batch = images.size(0)
        columns = images.permute(2, 0, 1)
        states, _ = self.lstm(columns)
        return self.classify(states.view(batch, -1))


def batches(images, labels, size):
    for chosen in torch.randperm(len(images)).split(size):
        yield images[chosen], labels[chosen]


def train_epoch(model, optimizer, images, labels):
    model.train()
    values = []
    for x, y in batches(images, labels, 35):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    return sum(values) / len(values)


def test_accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        return model(images).argmax(dim=-1).eq(labels).float().mean().item()


digits = load_digits()
images, labels = torch.tensor(digits.images / 16).float(), torch.tensor(digits.target)
model = ColumnReader()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(6):
    loss = train_epoch(model, optimizer, images[:1400], labels[:1400])
    print(f"epoch {epoch}: loss {loss:.3f}, test accuracy {test_accuracy(model, images[1400:], labels[1400:]):.3f}")
