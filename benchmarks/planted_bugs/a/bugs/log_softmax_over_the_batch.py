# bug: log_softmax normalises over the samples of the batch
# style: MLP with NLL
# codes: LR115
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class DigitNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(64, 64), nn.Linear(64, 32)])
        self.last = nn.Linear(32, 10)
        self.log_softmax = nn.LogSoftmax(dim=0)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return self.log_softmax(self.last(x))


data, target = load_digits(return_X_y=True)
dataset = TensorDataset(torch.tensor(data / 16.0).float(), torch.tensor(target))
loader = DataLoader(dataset, batch_size=32, shuffle=True)
model = DigitNet()
nll = nn.NLLLoss()
sgd = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(5):
    total, correct = 0.0, 0
    for x, t in loader:
        sgd.zero_grad()
        output = model(x)
        loss = nll(output, t)
        loss.backward()
        sgd.step()
        total += loss.item() * x.shape[0]
        correct += (output.argmax(1) == t).sum().item()
    print(epoch, total / len(dataset), correct / len(dataset))
