# bug: nn.LSTM without batch_first gets (batch, time, features): samples are read as time steps
# style: LSTM on rows of digits (TrainCheck: transformers-34204, batch dimension)
# codes: LR514, LR709
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class RowLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=8, hidden_size=32)
        self.fc = nn.Linear(32, 10)

    def forward(self, images):
        out, _ = self.lstm(images)
        return self.fc(out[:, -1])


torch.manual_seed(0)
digits = load_digits()
rows = torch.tensor(digits.images, dtype=torch.float32) / 16
labels = torch.tensor(digits.target)
loader = DataLoader(TensorDataset(rows[:1500], labels[:1500]), batch_size=50, shuffle=True)
test_loader = DataLoader(TensorDataset(rows[1500:], labels[1500:]), batch_size=50)
model = RowLSTM()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        correct = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
    print(f"epoch {epoch}: loss {loss.item():.3f} accuracy {correct / 297:.3f}")
