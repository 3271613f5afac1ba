# bug: the gradients are clipped right after zero_grad, before backward has made any
# style: plain RNN that adds numbers over a long sequence
# codes: LR311
import torch
from torch import nn


class Adder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.rnn = nn.RNN(2, hidden, nonlinearity="relu", batch_first=True)
        self.out = nn.Linear(hidden, 1)
        nn.init.eye_(self.rnn.weight_hh_l0)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.out(states[:, -1]).squeeze(-1)


def batch(size, length):
    """The sum of the two marked values of each sequence."""
    values = torch.rand(size, length)
    marks = torch.zeros(size, length)
    first = torch.randint(0, length // 2, (size,))
    second = torch.randint(length // 2, length, (size,))
    rows = torch.arange(size)
    marks[rows, first] = 1
    marks[rows, second] = 1
    return torch.stack([values, marks], dim=2), (values * marks).sum(1)


def train(model, steps, lr, max_norm):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    criterion = nn.MSELoss()
    recent = []
    for step in range(1, steps + 1):
        x, y = batch(32, 30)
        prediction = model(x)
        loss = criterion(prediction, y)
        optimizer.zero_grad()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        loss.backward()
        optimizer.step()
        recent.append(loss.item())
        if step % 100 == 0:
            print(f"step {step}: loss {sum(recent) / len(recent):.4f}")
            recent.clear()


if __name__ == "__main__":
    torch.manual_seed(3)
    adder = Adder(24)
    train(adder, steps=600, lr=2e-2, max_norm=0.5)
    adder.eval()
    with torch.no_grad():
        x, y = batch(500, 30)
        print(f"test error {nn.functional.mse_loss(adder(x), y).item():.4f} (variance {y.var().item():.4f})")
