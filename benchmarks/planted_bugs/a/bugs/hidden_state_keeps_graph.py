# bug: the recurrent state is carried over batches with its graph; retain_graph=True hides the error
# style: character model, truncated BPTT
# codes: LR328, LR308
import torch
from torch import nn

torch.manual_seed(0)
text = "the quick brown fox jumps over the lazy dog and runs away from the bear. " * 20
chars = sorted(set(text))
index = {c: i for i, c in enumerate(chars)}
codes = torch.tensor([index[c] for c in text])


class CharRNN(nn.Module):
    def __init__(self, n, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(n, 16)
        self.rnn = nn.RNN(16, hidden, batch_first=True)
        self.decoder = nn.Linear(hidden, n)

    def forward(self, x, state):
        out, state = self.rnn(self.embedding(x), state)
        return self.decoder(out), state


model = CharRNN(len(chars))
criterion = nn.CrossEntropyLoss()
bptt = 20
for epoch in range(2):
    state = torch.zeros(1, 1, 32)
    start = 0
    losses = []
    while start + bptt + 1 < len(codes) // 2:
        x = codes[start : start + bptt].unsqueeze(0)
        y = codes[start + 1 : start + bptt + 1]
        logits, state = model(x, state)
        loss = criterion(logits.squeeze(0), y)
        model.zero_grad()
        loss.backward(retain_graph=True)
        with torch.no_grad():
            for p in model.parameters():
                p.data -= 0.05 * p.grad
        losses.append(loss.item())
        start += bptt
    print(epoch, sum(losses) / len(losses))
