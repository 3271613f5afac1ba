# bug: the raw measurements (from 0.001 to 4000) enter the network without any scaling
# style: first neural network after a scikit-learn course, breast cancer, BCEWithLogitsLoss, loss list printed
# codes: LR712 LR705
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

RANDOM_SEED = 42
torch.manual_seed(RANDOM_SEED)

# 1. prepare data
data = load_breast_cancer()
X, y = data.data, data.target
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=RANDOM_SEED)

X_train = torch.tensor(X_train, dtype=torch.float32)
X_test = torch.tensor(X_test, dtype=torch.float32)
y_train = torch.tensor(y_train, dtype=torch.float32)
y_test = torch.tensor(y_test, dtype=torch.float32)

train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)


# 2. model
class TumorClassifier(nn.Module):
    def __init__(self, n_input_features):
        super().__init__()
        self.linear1 = nn.Linear(n_input_features, 32)
        self.linear2 = nn.Linear(32, 16)
        self.linear3 = nn.Linear(16, 1)

    def forward(self, x):
        x = torch.sigmoid(self.linear1(x))
        x = torch.sigmoid(self.linear2(x))
        return self.linear3(x)


model = TumorClassifier(X_train.shape[1])

# 3. loss and optimizer
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

# 4. training loop
loss_values = []
num_epochs = 25
for epoch in range(num_epochs):
    model.train()
    batch_losses = []
    for features, labels in train_loader:
        optimizer.zero_grad()
        logits = model(features).squeeze(1)
        loss = criterion(logits, labels)
        loss.backward()
        optimizer.step()
        batch_losses.append(loss.item())
    loss_values.append(sum(batch_losses) / len(batch_losses))
    if (epoch + 1) % 5 == 0:
        print(f"epoch: {epoch + 1}, loss = {loss_values[-1]:.4f}")

# 5. evaluation
model.eval()
with torch.no_grad():
    predicted = (torch.sigmoid(model(X_test).squeeze(1)) >= 0.5).float()
    accuracy = (predicted == y_test).float().mean().item()
print(f"accuracy = {accuracy:.4f}")
print(classification_report(y_test.numpy(), predicted.numpy(), target_names=data.target_names, zero_division=0))
