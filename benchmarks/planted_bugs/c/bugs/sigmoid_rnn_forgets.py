# bug: a recurrent cell of sigmoids and small weights: the gradient of the first symbol vanishes long before it arrives
# style: hand-written Elman cell, parameters by nn.Parameter
# codes: LR702 LR705 LR706 LR711
import torch
from torch import nn

torch.manual_seed(0)
SYMBOLS, LENGTH = 4, 40


def recall_task(count):
    """The answer is the first symbol; everything after it is noise."""
    sequence = torch.randint(SYMBOLS, (count, LENGTH))
    return nn.functional.one_hot(sequence, SYMBOLS).float(), sequence[:, 0]


class Elman(nn.Module):
    def __init__(self, width=20):
        super().__init__()
        self.w_in = nn.Parameter(torch.randn(SYMBOLS, width) * 0.3)
        self.w_rec = nn.Parameter(torch.randn(width, width) * 0.1)
        self.bias = nn.Parameter(torch.zeros(width))
        self.readout = nn.Linear(width, SYMBOLS)

    def forward(self, sequence):
        state = sequence.new_zeros(len(sequence), len(self.bias))
        for t in range(sequence.shape[1]):
            state = torch.sigmoid(sequence[:, t] @ self.w_in + state @ self.w_rec + self.bias)
        return self.readout(state)


cell = Elman()
optimizer = torch.optim.Adam(cell.parameters(), lr=3e-3)
history = []
for step in range(1, 251):
    cell.train()
    x, first = recall_task(32)
    loss = nn.functional.cross_entropy(cell(x), first)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss.item())
    if step % 50 == 0:
        cell.eval()
        with torch.no_grad():
            x, first = recall_task(400)
            accuracy = (cell(x).argmax(1) == first).float().mean().item()
        print(f"step {step}: loss {sum(history[-50:]) / 50:.3f}, accuracy {accuracy:.3f}")
