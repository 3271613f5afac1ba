# style: character model, truncated BPTT with detached state
import torch
from torch import nn

torch.manual_seed(0)
text = "the quick brown fox jumps over the lazy dog and runs away from the bear. " * 20
chars = sorted(set(text))
index = {c: i for i, c in enumerate(chars)}
codes = torch.tensor([index[c] for c in text])


class CharGRU(nn.Module):
    def __init__(self, n, hidden=48):
        super().__init__()
        self.embedding = nn.Embedding(n, 16)
        self.rnn = nn.GRU(16, hidden, batch_first=True)
        self.decoder = nn.Linear(hidden, n)

    def forward(self, x, state=None):
        out, state = self.rnn(self.embedding(x), state)
        return self.decoder(out), state


model = CharGRU(len(chars))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
bptt = 25
columns = codes[: len(codes) // 4 * 4].view(4, -1)
for epoch in range(6):
    state = None
    total, count = 0.0, 0
    for start in range(0, columns.size(1) - bptt - 1, bptt):
        x = columns[:, start : start + bptt]
        y = columns[:, start + 1 : start + bptt + 1]
        if state is not None:
            state = state.detach()
        logits, state = model(x, state)
        loss = criterion(logits.reshape(-1, len(chars)), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item(), count + 1
    print(f"epoch {epoch}: {total / count:.3f}")
