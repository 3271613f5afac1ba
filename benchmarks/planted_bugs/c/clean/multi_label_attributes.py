# style: multi-label attributes; most rows of the targets have exactly one 1, but some have none and some two
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, digit = load_digits(return_X_y=True)
X, digit = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(digit)
# four attributes: a closed loop, only straight strokes, begins with a horizontal stroke, divisible by five
MEMBERS = [(6, 8, 9), (1, 4), (7, 5), (0, 5)]
targets = torch.stack([torch.isin(digit, torch.tensor(m)) for m in MEMBERS], dim=1).float()


class Attributes(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 32)
        self.logits = nn.Linear(32, len(MEMBERS))

    def forward(self, x):
        return self.logits(self.hidden(x).relu())

    @torch.no_grad()
    def predict(self, x, threshold=0.5):
        was_training = self.training
        self.eval()
        probabilities = torch.sigmoid(self(x))
        self.train(was_training)
        return probabilities > threshold


def per_attribute(model, x, wanted):
    return (model.predict(x) == wanted.bool()).float().mean(dim=0).tolist()


model = Attributes()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loader = DataLoader(TensorDataset(X[:1400], targets[:1400]), batch_size=50, shuffle=True)
for epoch in range(6):
    model.train()
    total = 0.0
    for inputs, wanted in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), wanted)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(wanted)
    shares = per_attribute(model, X[1400:], targets[1400:])
    print(f"epoch {epoch}: loss {total / 1400:.3f}, right per attribute {[round(s, 3) for s in shares]}")
