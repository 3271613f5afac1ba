# bug: the prediction has shape (N, 1), the target (N,): R2 is computed from N x N differences
# style: regression on the diabetes data of scikit-learn, hand-written score
# codes: LR221 LR117
import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn


def r2_score(target, prediction):
    residual = ((target - prediction) ** 2).mean()
    variance = ((target - target.mean()) ** 2).mean()
    return (1 - residual / variance).item()


class Regression(nn.Module):
    def __init__(self, features, hidden=16):
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


torch.manual_seed(0)
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
centre, spread = X_train.mean(0), X_train.std(0)
X_train = torch.tensor((X_train - centre) / spread, dtype=torch.float32)
X_test = torch.tensor((X_test - centre) / spread, dtype=torch.float32)
y_mean, y_std = y_train.mean(), y_train.std()
y_train = torch.tensor((y_train - y_mean) / y_std, dtype=torch.float32)
y_test = torch.tensor((y_test - y_mean) / y_std, dtype=torch.float32)

model = Regression(X_train.shape[1])
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-2)
for epoch in range(1, 61):
    model.train()
    for index in torch.randperm(len(X_train)).split(32):
        prediction = model(X_train[index])
        loss = nn.functional.mse_loss(prediction.squeeze(1), y_train[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 15 == 0:
        model.eval()
        with torch.no_grad():
            train_score = r2_score(y_train, model(X_train))
            test_score = r2_score(y_test, model(X_test))
        print(f"epoch {epoch}: train R2 {train_score:.3f}, test R2 {test_score:.3f}")
