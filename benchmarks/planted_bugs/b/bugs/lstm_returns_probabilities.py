# bug: forward returns softmax probabilities and F.cross_entropy takes them for logits
# style: LSTM on parity of bits
# codes: LR102
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Parity(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.rnn = nn.LSTM(1, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 3)

    def forward(self, bits):
        output, _ = self.rnn(bits.unsqueeze(-1))
        return F.softmax(self.fc(output[:, -1]), dim=1)


bits = torch.randint(0, 2, (900, 8)).float()
labels = bits.sum(1).long() % 3
model = Parity()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(6):
    total = 0.0
    for index in torch.randperm(900).split(45):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(bits[index]), labels[index])
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: {total / 20:.3f}")
