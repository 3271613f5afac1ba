# bug: the hits on the validation set are divided by the size of the training set (copied line)
# style: script, breast cancer, binary classifier with one output
# codes: LR203
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
features, target = load_breast_cancer(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(features, target, test_size=0.3, random_state=0, stratify=target)
scaler = StandardScaler()
X_train = torch.tensor(scaler.fit_transform(X_train), dtype=torch.float32)
X_val = torch.tensor(scaler.transform(X_val), dtype=torch.float32)
y_train = torch.tensor(y_train, dtype=torch.float32)
y_val = torch.tensor(y_val, dtype=torch.float32)

train_dataset = TensorDataset(X_train, y_train)
val_dataset = TensorDataset(X_val, y_val)
train_loader = DataLoader(train_dataset, batch_size=32, shuffle=True)
val_loader = DataLoader(val_dataset, batch_size=32)

model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

for epoch in range(10):
    model.train()
    train_correct = 0
    train_loss = 0.0
    for xb, yb in train_loader:
        logits = model(xb).squeeze(1)
        loss = loss_fn(logits, yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * xb.size(0)
        train_correct += ((logits > 0).float() == yb).sum().item()
    train_loss /= len(train_dataset)
    train_acc = train_correct / len(train_dataset)

    model.eval()
    val_correct = 0
    val_loss = 0.0
    with torch.no_grad():
        for xb, yb in val_loader:
            logits = model(xb).squeeze(1)
            val_loss += loss_fn(logits, yb).item() * xb.size(0)
            val_correct += ((logits > 0).float() == yb).sum().item()
    val_loss /= len(val_dataset)
    val_acc = val_correct / len(train_dataset)

    print(f"{epoch + 1:2d} train loss {train_loss:.4f} acc {train_acc:.3f} | val loss {val_loss:.4f} acc {val_acc:.3f}")
