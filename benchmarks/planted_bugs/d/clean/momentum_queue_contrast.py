# clean: MoCo: the key encoder is in no optimizer and follows by momentum; a queue of old keys serves as negatives
import copy

import torch
import torch.nn.functional as F
from torch import nn


class MoCo(nn.Module):
    def __init__(self, size=16, queue=512, momentum=0.98, temperature=0.15):
        super().__init__()
        self.query_encoder = nn.Sequential(nn.Linear(30, 96), nn.ReLU(), nn.Linear(96, size))
        self.key_encoder = copy.deepcopy(self.query_encoder)
        for p in self.key_encoder.parameters():
            p.requires_grad_(False)
        self.momentum, self.temperature = momentum, temperature
        self.register_buffer("queue", F.normalize(torch.randn(queue, size), dim=1))
        self.register_buffer("position", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def follow(self):
        for slow, fast in zip(self.key_encoder.parameters(), self.query_encoder.parameters(), strict=True):
            slow.lerp_(fast, 1 - self.momentum)

    @torch.no_grad()
    def enqueue(self, keys):
        start = self.position.item()
        self.queue[start : start + len(keys)] = keys
        self.position.fill_((start + len(keys)) % len(self.queue))

    def forward(self, first, second):
        query = F.normalize(self.query_encoder(first), dim=1)
        with torch.no_grad():
            self.follow()
            key = F.normalize(self.key_encoder(second), dim=1)
        positive = (query * key).sum(dim=1, keepdim=True)
        negative = query @ self.queue.clone().T
        scores = torch.cat([positive, negative], dim=1) / self.temperature
        self.enqueue(key)
        return F.cross_entropy(scores, torch.zeros(len(scores), dtype=torch.long))


class Views:
    """Two measurements of the same thing: what it is shows in a few directions, the rest is strong noise."""

    def __init__(self, seed):
        generator = torch.Generator().manual_seed(seed)
        self.mixing = torch.linalg.qr(torch.randn(30, 30, generator=generator)).Q

    def measure(self, things):
        noise = 3 * torch.randn(len(things), 22)
        return torch.cat([things + 0.2 * torch.randn_like(things), noise], dim=1) @ self.mixing

    def pairs(self, count):
        things = torch.randn(count, 8)
        return self.measure(things), self.measure(things)


@torch.no_grad()
def recall(encode, views, count=400):
    first, second = (F.normalize(encode(x), dim=1) for x in views.pairs(count))
    return ((first @ second.T).argmax(dim=1) == torch.arange(count)).float().mean().item()


def main():
    torch.manual_seed(0)
    views = Views(seed=1)
    model = MoCo()
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trainable, lr=2e-3)
    losses = []
    print(f"recall@1 of the raw measurements {recall(lambda x: x, views):.3f}")
    for step in range(1, 801):
        model.train()
        loss = model(*views.pairs(64))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % 200 == 0:
            model.eval()
            print(
                f"step {step}: loss {sum(losses[-100:]) / 100:.4f}, recall@1 {recall(model.query_encoder, views):.3f}"
            )


main()
