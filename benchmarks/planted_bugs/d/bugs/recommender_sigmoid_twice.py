# bug: the model returns a probability, and binary_cross_entropy_with_logits applies the sigmoid again
# style: matrix factorisation with biases, manual mini-batches
# codes: LR103
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

USERS, ITEMS, RANK = 200, 120, 6


class Factorisation(nn.Module):
    def __init__(self, users, items, rank):
        super().__init__()
        self.user = nn.Embedding(users, rank)
        self.item = nn.Embedding(items, rank)
        self.user_bias = nn.Embedding(users, 1)
        self.item_bias = nn.Embedding(items, 1)
        for table in (self.user, self.item):
            nn.init.normal_(table.weight, std=0.1)
        for table in (self.user_bias, self.item_bias):
            nn.init.zeros_(table.weight)

    def forward(self, users, items):
        match = (self.user(users) * self.item(items)).sum(-1)
        match = match + self.user_bias(users).squeeze(-1) + self.item_bias(items).squeeze(-1)
        return torch.sigmoid(match)


torch.manual_seed(0)
taste = torch.randn(USERS, 3)
traits = torch.randn(ITEMS, 3)
likes = torch.bernoulli(torch.sigmoid(1.5 * taste @ traits.T - 1))
pairs = torch.cartesian_prod(torch.arange(USERS), torch.arange(ITEMS))
pairs = pairs[torch.randperm(len(pairs))]
seen, held_out = pairs[:18_000], pairs[18_000:]

model = Factorisation(USERS, ITEMS, RANK)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-5)
for epoch in range(8):
    total = 0.0
    for batch in seen[torch.randperm(len(seen))].split(256):
        users, items = batch.unbind(1)
        clicked = likes[users, items]
        loss = binary_cross_entropy_with_logits(model(users, items), clicked)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    with torch.no_grad():
        users, items = held_out.unbind(1)
        probability = model(users, items)
        truth = likes[users, items]
        accuracy = ((probability > 0.5) == (truth > 0.5)).float().mean().item()
        calibration = (probability.mean() - truth.mean()).item()
    print(
        f"epoch {epoch}: loss {total / len(seen):.4f}, held-out accuracy {accuracy:.3f}, too many likes by {calibration:+.3f}"
    )
