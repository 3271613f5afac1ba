# bug: keep_prob = 0.9 is handed to nn.Dropout, which takes the probability to drop
# style: port from an older framework, parameters in a dict
# codes: LR426
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

params = {"n_hidden_1": 128, "n_hidden_2": 64, "keep_prob": 0.9, "learning_rate": 0.001, "batch_size": 64, "epochs": 12}


class MultilayerPerceptron(nn.Module):
    def __init__(self, n_input, n_hidden_1, n_hidden_2, n_classes, keep_prob):
        super().__init__()
        self.h1 = nn.Linear(n_input, n_hidden_1)
        self.h2 = nn.Linear(n_hidden_1, n_hidden_2)
        self.out = nn.Linear(n_hidden_2, n_classes)
        self.dropout = nn.Dropout(keep_prob)

    def forward(self, x):
        layer_1 = self.dropout(torch.relu(self.h1(x)))
        layer_2 = self.dropout(torch.relu(self.h2(layer_1)))
        return self.out(layer_2)


torch.manual_seed(0)
digits = load_digits()
data = TensorDataset(torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target))
train_data, test_data = random_split(data, [1437, 360])
train_loader = DataLoader(train_data, batch_size=params["batch_size"], shuffle=True)
test_loader = DataLoader(test_data, batch_size=params["batch_size"])

model = MultilayerPerceptron(64, params["n_hidden_1"], params["n_hidden_2"], 10, keep_prob=params["keep_prob"])
cost = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=params["learning_rate"])

for epoch in range(params["epochs"]):
    model.train()
    avg_cost = 0.0
    for batch_x, batch_y in train_loader:
        optimizer.zero_grad()
        c = cost(model(batch_x), batch_y)
        c.backward()
        optimizer.step()
        avg_cost += c.item() / len(train_loader)
    if (epoch + 1) % 3 == 0:
        print(f"Epoch: {epoch + 1:04d} cost = {avg_cost:.9f}")

model.eval()
correct = 0
with torch.no_grad():
    for batch_x, batch_y in test_loader:
        correct += (model(batch_x).argmax(1) == batch_y).sum().item()
print(f"Accuracy: {correct / len(test_data):.4f}")
