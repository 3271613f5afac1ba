# style: Kaggle competitor: log1p target, categorical embeddings beside scaled numbers, out-of-sample RMSLE
import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(99)
torch.manual_seed(99)


def make_houses(n):
    area = rng.gamma(6, 25, n)
    rooms = np.clip(np.round(area / 35 + rng.normal(0, 0.7, n)), 1, None)
    age = rng.uniform(0, 90, n)
    district = rng.integers(0, 12, n)
    kind = rng.integers(0, 4, n)
    level = np.linspace(-0.5, 0.6, 12)[district] + np.array([0, 0.15, 0.3, -0.2])[kind]
    price = np.exp(11.2 + 0.7 * np.log(area / 100) + 0.05 * rooms - 0.004 * age + level + rng.normal(0, 0.08, n))
    numbers = np.stack([np.log(area), rooms, age], axis=1)
    return numbers, np.stack([district, kind], axis=1), price


class HouseNet(nn.Module):
    def __init__(self, cardinalities, n_numbers, target_mean):
        super().__init__()
        self.embeddings = nn.ModuleList(nn.Embedding(c, min(8, (c + 1) // 2)) for c in cardinalities)
        width = n_numbers + sum(e.embedding_dim for e in self.embeddings)
        self.net = nn.Sequential(
            nn.Linear(width, 64), nn.ReLU(), nn.Dropout(0.05), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1)
        )
        nn.init.constant_(self.net[-1].bias, target_mean)

    def forward(self, numbers, categories):
        embedded = [e(categories[:, i]) for i, e in enumerate(self.embeddings)]
        return self.net(torch.cat([numbers, *embedded], dim=1)).squeeze(1)


numbers, categories, price = make_houses(1600)
num_tr, num_va, cat_tr, cat_va, y_tr, y_va = train_test_split(
    numbers, categories, np.log1p(price), test_size=0.25, random_state=99
)
scaler = StandardScaler().fit(num_tr)


def dataset(num, cat, y):
    return TensorDataset(
        torch.tensor(scaler.transform(num), dtype=torch.float32),
        torch.tensor(cat, dtype=torch.long),
        torch.tensor(y, dtype=torch.float32),
    )


train_dl = DataLoader(dataset(num_tr, cat_tr, y_tr), batch_size=64, shuffle=True)
valid_dl = DataLoader(dataset(num_va, cat_va, y_va), batch_size=200)

model = HouseNet([12, 4], 3, float(y_tr.mean()))
optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=1e-4)
epochs = 20
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=epochs * len(train_dl))
loss_fn = nn.MSELoss()

for epoch in range(epochs):
    model.train()
    train_sum = 0.0
    for num, cat, y in train_dl:
        optimizer.zero_grad()
        loss = loss_fn(model(num, cat), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        train_sum += loss.item() * len(y)
    model.eval()
    valid_sum = 0.0
    with torch.no_grad():
        for num, cat, y in valid_dl:
            valid_sum += loss_fn(model(num, cat), y).item() * len(y)
    if epoch % 4 == 3:
        train_rmsle, valid_rmsle = (train_sum / len(y_tr)) ** 0.5, (valid_sum / len(y_va)) ** 0.5
        print(f"epoch {epoch + 1:2d}: train RMSLE {train_rmsle:.4f}, valid RMSLE {valid_rmsle:.4f}")
print(f"spread of the target {y_va.std():.4f}")
