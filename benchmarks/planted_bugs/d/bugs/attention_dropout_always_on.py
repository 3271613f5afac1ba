# bug: scaled_dot_product_attention gets dropout_p without regard to self.training: attention is random in evaluation too
# style: small transformer encoder written by hand, synthetic retrieval task
# codes: LR408
import torch
import torch.nn.functional as F
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, dim, heads, dropout):
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        batch, length, dim = x.shape
        q, k, v = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        mixed = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout)
        return self.out(mixed.transpose(1, 2).reshape(batch, length, dim))


class Layer(nn.Module):
    def __init__(self, dim, heads, dropout):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = SelfAttention(dim, heads, dropout)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Retriever(nn.Module):
    """Answers the value that stands behind the key asked for at the end."""

    def __init__(self, keys, values, dim=16):
        super().__init__()
        self.key = nn.Embedding(keys, dim)
        self.value = nn.Embedding(values + 1, dim)
        self.layers = nn.Sequential(Layer(dim, 2, 0.5), Layer(dim, 2, 0.5))
        self.head = nn.Linear(dim, values)

    def forward(self, keys, values):
        return self.head(self.layers(self.key(keys) + self.value(values))[:, -1])


def batch(size, length=6, keys=8, values=5):
    key = torch.stack([torch.randperm(keys)[:length] for _ in range(size)])
    value = torch.randint(values, (size, length))
    asked = torch.randint(length, (size, 1))
    key = torch.cat([key, key.gather(1, asked)], 1)
    answer = value.gather(1, asked).squeeze(1)
    return key, torch.cat([value, torch.full((size, 1), values)], 1), answer


torch.manual_seed(0)
model = Retriever(keys=8, values=5)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
for step in range(1, 401):
    model.train()
    keys, values, answers = batch(64)
    loss = F.cross_entropy(model(keys, values), answers)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(f"step {step}: loss {loss.item():.4f}")

model.eval()
keys, values, answers = batch(1000)
with torch.no_grad():
    for _ in range(2):
        print(f"accuracy {(model(keys, values).argmax(1) == answers).float().mean().item():.3f}")
