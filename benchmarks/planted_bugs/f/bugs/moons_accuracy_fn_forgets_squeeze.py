# bug: the accuracy compares predictions (N, 1) with labels (N,): N x N comparisons
# style: student after a video course, accuracy_fn helper, two moons, full description of every step
# codes: LR221
import torch
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

RANDOM_SEED = 42
torch.manual_seed(RANDOM_SEED)

# 1. Make moons and turn them into tensors
X, y = make_moons(n_samples=1000, noise=0.15, random_state=RANDOM_SEED)
X = torch.from_numpy(X).type(torch.float)
y = torch.from_numpy(y).type(torch.float)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=RANDOM_SEED)
train_dataloader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
test_dataloader = DataLoader(TensorDataset(X_test, y_test), batch_size=32, shuffle=False)


# 2. Build the model
class MoonModelV0(nn.Module):
    def __init__(self, in_features, out_features, hidden_units=16):
        super().__init__()
        self.layer_stack = nn.Sequential(
            nn.Linear(in_features, hidden_units),
            nn.ReLU(),
            nn.Linear(hidden_units, hidden_units),
            nn.ReLU(),
            nn.Linear(hidden_units, out_features),
        )

    def forward(self, x):
        return self.layer_stack(x)


model_0 = MoonModelV0(in_features=2, out_features=1)
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model_0.parameters(), lr=0.01)


# 3. A function for the accuracy
def accuracy_fn(y_true, y_pred):
    return torch.eq(y_true, y_pred).float().mean().item()


# 4. Steps for training and testing
def train_step(model, dataloader):
    model.train()
    train_loss, train_acc = 0, 0
    for X, y in dataloader:
        y_logits = model(X)
        loss = loss_fn(y_logits, y.unsqueeze(dim=1))
        train_loss += loss.item()
        train_acc += accuracy_fn(y_true=y, y_pred=torch.round(torch.sigmoid(y_logits)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return train_loss / len(dataloader), train_acc / len(dataloader)


def test_step(model, dataloader):
    model.eval()
    test_loss, test_acc = 0, 0
    with torch.inference_mode():
        for X, y in dataloader:
            test_logits = model(X)
            test_loss += loss_fn(test_logits, y.unsqueeze(dim=1)).item()
            test_acc += accuracy_fn(y_true=y, y_pred=torch.round(torch.sigmoid(test_logits)))
    return test_loss / len(dataloader), test_acc / len(dataloader)


# 5. Train
EPOCHS = 12
for epoch in range(EPOCHS):
    train_loss, train_acc = train_step(model_0, train_dataloader)
    test_loss, test_acc = test_step(model_0, test_dataloader)
    if epoch % 2 == 1:
        print(
            f"Epoch: {epoch + 1} | Loss: {train_loss:.5f}, Acc: {train_acc:.3f} "
            f"| Test loss: {test_loss:.5f}, Test acc: {test_acc:.3f}"
        )
