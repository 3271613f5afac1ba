# bug: view(8, -1, 8) is used to put time first: rows of different images end up in one sequence
# style: GRU on rows of digits
# codes: LR514, LR709
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class RowGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 40)
        self.head = nn.Linear(40, 10)

    def forward(self, images):
        steps = images.view(8, -1, 8)
        _, state = self.gru(steps)
        return self.head(state[-1])


torch.manual_seed(1)
digits = load_digits()
data = TensorDataset(torch.tensor(digits.images, dtype=torch.float32) / 16, torch.tensor(digits.target))
loader = DataLoader(data, batch_size=60, shuffle=True)
model = RowGRU()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(5):
    model.train()
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(epoch, total / len(loader))
