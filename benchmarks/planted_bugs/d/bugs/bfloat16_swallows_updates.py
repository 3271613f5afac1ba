# bug: the weights themselves are bfloat16, and small steps are rounded away: most weights never change
# style: script, whole model cast with .to(torch.bfloat16), AdamW with a small rate
# codes: LR704 LR705
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

dtype = torch.bfloat16
torch.manual_seed(0)

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=2)
scaler = StandardScaler().fit(X_train)
X_train = torch.tensor(scaler.transform(X_train)).to(dtype)
X_test = torch.tensor(scaler.transform(X_test)).to(dtype)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)


class Classifier(nn.Module):
    def __init__(self, features, hidden=32, classes=2):
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.lin1 = nn.Linear(features, hidden)
        self.lin2 = nn.Linear(hidden, hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x):
        x = torch.relu(self.lin1(self.norm(x)))
        x = torch.relu(self.lin2(x))
        return self.head(x)


model = Classifier(X_train.shape[1]).to(dtype)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.0)
before = torch.cat([p.detach().flatten().clone() for p in model.parameters()])

for epoch in range(40):
    model.train()
    epoch_loss = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb).float(), yb)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(xb)
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: loss {epoch_loss / len(y_train):.4f}")

model.eval()
with torch.no_grad():
    accuracy = (model(X_test).argmax(dim=1) == y_test).float().mean().item()
after = torch.cat([p.detach().flatten() for p in model.parameters()])
print(f"test accuracy {accuracy:.3f}; {(before == after).float().mean().item():.0%} of the weights as they were")
