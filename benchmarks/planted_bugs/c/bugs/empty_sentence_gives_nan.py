# bug: a sentence of length zero masks every score with -inf, its softmax is NaN, and then so is every weight
# style: attention pooling over padded sequences, IterableDataset-like generator, late
# codes: LR701
import torch
from torch import nn

torch.manual_seed(7)
VOCABULARY, LONGEST = 40, 10


def sentences(count, batch):
    """Batches of ids, lengths and sentiment; the odd empty sentence is among them."""
    for _ in range(count):
        lengths = torch.randint(2, LONGEST + 1, (batch,))
        lengths[torch.rand(batch) < 0.0004] = 0
        ids = torch.randint(1, VOCABULARY, (batch, LONGEST))
        present = torch.arange(LONGEST) < lengths[:, None]
        ids = ids * present
        good = ((ids % 5 == 1) & present).sum(1)
        bad = ((ids % 5 == 2) & present).sum(1)
        yield ids, present, (good >= bad).float()


class AttentionPooling(nn.Module):
    def __init__(self, width=24):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width, padding_idx=0)
        self.score = nn.Linear(width, 1)
        self.decide = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, ids, present):
        words = self.embedding(ids)
        scores = self.score(words).squeeze(-1).masked_fill(~present, float("-inf"))
        weights = scores.softmax(dim=-1)
        pooled = (weights.unsqueeze(-1) * words).sum(1)
        return self.decide(pooled).squeeze(-1)


model = AttentionPooling()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
losses = []
for step, (ids, present, sentiment) in enumerate(sentences(300, 32), start=1):
    loss = nn.functional.binary_cross_entropy_with_logits(model(ids, present), sentiment)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    if step % 50 == 0:
        print(f"step {step}: loss {sum(losses[-50:]) / 50:.3f}")
