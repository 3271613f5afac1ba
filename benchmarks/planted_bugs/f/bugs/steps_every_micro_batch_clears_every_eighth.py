# bug: optimizer.step() slid out of the if: it runs at every micro-batch on a sum that is cleared every eighth time only
# style: fine-tuning script with a flat loop, gradient_accumulation_steps like in a language-model recipe
# codes: LR325 LR301 LR708
import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

per_device_batch_size = 4
gradient_accumulation_steps = 8
num_train_epochs = 12
learning_rate = 0.02

torch.manual_seed(13)
X, y = load_diabetes(return_X_y=True, scaled=False)
X_train, X_eval, y_train, y_eval = train_test_split(X, y, test_size=0.2, random_state=13)
mean, std = X_train.mean(0), X_train.std(0)
X_train = torch.tensor((X_train - mean) / std, dtype=torch.float32)
X_eval = torch.tensor((X_eval - mean) / std, dtype=torch.float32)
y_train = torch.tensor((y_train - 152) / 77, dtype=torch.float32)
y_eval = torch.tensor((y_eval - 152) / 77, dtype=torch.float32)

train_dataset = TensorDataset(X_train[:352], y_train[:352])
train_dataloader = DataLoader(train_dataset, batch_size=per_device_batch_size, shuffle=True)
eval_dataloader = DataLoader(TensorDataset(X_eval, y_eval), batch_size=32)


class Scorer(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(n_features, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 16), nn.ReLU()
        )
        self.regressor = nn.Linear(16, 1)

    def forward(self, features):
        return self.regressor(self.encoder(features)).squeeze(-1)


model = Scorer(X.shape[1])
optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
loss_fct = nn.MSELoss()
progress = []

optimizer.zero_grad()
for epoch in range(num_train_epochs):
    model.train()
    total_loss = 0.0
    for step, (features, target) in enumerate(train_dataloader):
        loss = loss_fct(model(features), target)
        total_loss += loss.item()
        loss = loss / gradient_accumulation_steps
        loss.backward()
        optimizer.step()
        if (step + 1) % gradient_accumulation_steps == 0:
            optimizer.zero_grad()

    model.eval()
    squared, count = 0.0, 0
    with torch.no_grad():
        for features, target in eval_dataloader:
            squared += (model(features) - target).pow(2).sum().item()
            count += len(target)
    progress.append(squared / count)
    print(f"epoch {epoch}: train {total_loss / len(train_dataloader):.4f}, eval mse {progress[-1]:.4f}")
print(f"best eval mse {min(progress):.4f}")
