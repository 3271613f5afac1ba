# bug: nn.GRU is built without batch_first=True although the batches are (batch, time, feature): the state runs over the samples
# style: time series forecasting tutorial: sliding windows, MinMax scaling, many-to-one GRU, RMSE at the end
# codes: LR709
import numpy as np
import torch
import torch.nn as nn
from sklearn.preprocessing import MinMaxScaler
from torch.utils.data import DataLoader, TensorDataset

lookback = 20
batch_size = 32
num_epochs = 12


def series(length, seed):
    """A random walk of the phase: the future depends on the recent past only."""
    rng = np.random.default_rng(seed)
    phase = np.cumsum(0.3 + 0.15 * rng.standard_normal(length))
    return np.sin(phase) + 0.4 * np.sin(0.31 * phase + 1)


def sliding_windows(data, seq_length):
    x, y = [], []
    for i in range(len(data) - seq_length):
        x.append(data[i : i + seq_length])
        y.append(data[i + seq_length])
    return torch.tensor(np.array(x), dtype=torch.float32), torch.tensor(np.array(y), dtype=torch.float32)


class GRUForecaster(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size = hidden_size
        self.gru = nn.GRU(input_size, hidden_size, num_layers)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(out[:, -1, :])


values = series(1400, seed=0).reshape(-1, 1)
train_values, test_values = values[:1100], values[1100:]
scaler = MinMaxScaler(feature_range=(-1, 1)).fit(train_values)
x_train, y_train = sliding_windows(scaler.transform(train_values), lookback)
x_test, y_test = sliding_windows(scaler.transform(test_values), lookback)
train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=batch_size, shuffle=True)
test_loader = DataLoader(TensorDataset(x_test, y_test), batch_size=batch_size)

torch.manual_seed(0)
model = GRUForecaster(input_size=1, hidden_size=32, num_layers=2)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(num_epochs):
    model.train()
    total = 0.0
    for x, y in train_loader:
        output = model(x)
        loss = criterion(output, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    if (epoch + 1) % 3 == 0:
        print(f"Epoch: {epoch + 1}, train mse: {total / len(x_train):.5f}")

model.eval()
predictions = []
with torch.no_grad():
    for x, _ in test_loader:
        predictions.append(model(x).numpy())
predictions = scaler.inverse_transform(np.concatenate(predictions))
actual = scaler.inverse_transform(y_test.numpy())
persistence = test_values[lookback - 1 : -1]
print(f"Test RMSE: {np.sqrt(np.mean((predictions - actual) ** 2)):.4f}")
print(f"RMSE of the last value as forecast: {np.sqrt(np.mean((persistence - actual) ** 2)):.4f}")
