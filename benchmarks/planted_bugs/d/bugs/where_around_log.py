# bug: torch.where(p > 0, p * p.log(), 0) guards the value of the entropy, but not its gradient: NaN
# style: sparse attention pooling with an entropy penalty, functions
# codes: LR701
import torch
import torch.nn.functional as F
from torch import nn

TOKENS, LENGTH, CLASSES = 30, 12, 3


def entropy(p):
    return -torch.where(p > 0, p * p.log(), torch.zeros_like(p)).sum(dim=1)


class Pooling(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, dim)
        self.score = nn.Linear(dim, 1)
        self.out = nn.Linear(dim, CLASSES)

    def forward(self, tokens):
        x = self.embedding(tokens)
        scores = self.score(x).squeeze(-1)
        weights = F.relu(scores - scores.mean(dim=1, keepdim=True)) + 1e-3 * (
            scores >= scores.mean(dim=1, keepdim=True)
        )
        weights = weights / weights.sum(dim=1, keepdim=True)
        return self.out((weights.unsqueeze(-1) * x).sum(dim=1)), weights


def batch(size):
    """One telling token (0, 1 or 2) among many that mean nothing."""
    tokens = torch.randint(CLASSES, TOKENS, (size, LENGTH))
    labels = torch.randint(CLASSES, (size,))
    tokens[torch.arange(size), torch.randint(LENGTH, (size,))] = labels
    return tokens, labels


def train(model, optimizer, steps):
    for step in range(steps):
        tokens, labels = batch(64)
        logits, weights = model(tokens)
        loss = F.cross_entropy(logits, labels) + 0.01 * entropy(weights).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 60 == 0:
            print(f"step {step}: loss {loss.item():.4f}")


def main():
    torch.manual_seed(0)
    model = Pooling()
    train(model, torch.optim.Adam(model.parameters(), lr=1e-2), steps=301)
    model.eval()
    tokens, labels = batch(1000)
    with torch.no_grad():
        logits, _ = model(tokens)
    print(f"accuracy {(logits.argmax(1) == labels).float().mean().item():.3f}")


main()
