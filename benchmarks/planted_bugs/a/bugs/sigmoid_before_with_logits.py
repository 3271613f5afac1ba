# bug: the model already applies a sigmoid and the loss is BCEWithLogitsLoss
# style: multi-label classifier
# codes: LR103
import torch
from sklearn.datasets import make_multilabel_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, Y = make_multilabel_classification(n_samples=1000, n_features=20, n_classes=5, random_state=0)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
Y = torch.tensor(Y, dtype=torch.float32)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(20, 32)
        self.tags = nn.Linear(32, 5)

    def forward(self, x):
        return self.tags(self.hidden(x).relu()).sigmoid()


loader = DataLoader(TensorDataset(X, Y), batch_size=50, shuffle=True)
model = Tagger()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
for epoch in range(8):
    losses = []
    for x, labels in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(epoch, sum(losses) / len(losses))
