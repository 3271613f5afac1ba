# bug: optimizer.step() stands outside of the batch loop: one update per epoch, from the last batch alone
# style: notebook cells, LSTM on synthetic sequences
# codes: LR313 LR303
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


# %% data: does the sequence hold more rises than falls in its second half?
def make(count):
    x = torch.randn(count, 16, 1)
    half = x[:, 8:, 0]
    return TensorDataset(x, (half.diff(dim=1).sign().sum(1) + half.mean(1) > 0).long())


train_set, test_set = make(1200), make(400)
train_loader = DataLoader(train_set, batch_size=60, shuffle=True)
test_loader = DataLoader(test_set, batch_size=200)


# %% model
class Classifier(nn.Module):
    def __init__(self, hidden_size=24):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, 2)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.fc(h[-1])


model = Classifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

# %% training
n_epochs = 12
for epoch in range(n_epochs):
    model.train()
    train_loss = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        output = model(x)
        loss = criterion(output, y)
        loss.backward()
        train_loss += loss.item() * x.size(0)
    optimizer.step()
    train_loss /= len(train_set)

    # %% evaluation
    model.eval()
    hits = 0
    with torch.no_grad():
        for x, y in test_loader:
            hits += (model(x).argmax(1) == y).sum().item()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1}: loss {train_loss:.4f}, test accuracy {hits / len(test_set):.3f}")
