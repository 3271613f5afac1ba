# bug: zero_grad at every micro-batch: of four accumulated micro-batches only the last one is used
# style: IterableDataset that streams synthetic data, bare loop over steps
# codes: LR325 LR302
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

MICRO, ACCUMULATE, STEPS = 8, 4, 100


class Stream(IterableDataset):
    """Points of three interleaved spirals, without end."""

    def __init__(self, seed):
        self.seed = seed

    def __iter__(self):
        generator = torch.Generator().manual_seed(self.seed)
        while True:
            arm = torch.randint(3, (1,), generator=generator).item()
            radius = torch.rand((), generator=generator)
            angle = 3 * radius + arm * 2.1 + 0.1 * torch.randn((), generator=generator)
            yield torch.stack((radius * angle.cos(), radius * angle.sin())) * 2, arm


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
stream = iter(DataLoader(Stream(seed=1), batch_size=MICRO))
test_points, test_arms = next(iter(DataLoader(Stream(seed=2), batch_size=400)))

for step in range(1, STEPS + 1):
    model.train()
    step_loss = 0.0
    for _ in range(ACCUMULATE):
        points, arms = next(stream)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(points), arms) / ACCUMULATE
        loss.backward()
        step_loss += loss.item()
    optimizer.step()
    if step % 20 == 0:
        model.eval()
        with torch.no_grad():
            correct = (model(test_points).argmax(1) == test_arms).float().mean().item()
        print(f"step {step}: loss {step_loss:.3f}, test accuracy {correct:.3f}")
