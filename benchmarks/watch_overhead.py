"""What a watched training step costs: watched and bare steps take turns in one run, so that noise hits both alike.

    python benchmarks/watch_overhead.py [--device cuda] [--rounds 15]

Prints, per model, the median time of a bare step, the ratio in steady state (steps 600 to 1600, none of them sampled closely
but one), and the cost of a sampled step. The budget is 1.02 on a CPU (DataLoader loop) and 1.01 on a GPU.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lrcheck.runtime import watch
from lrcheck.runtime.schedule import growing

BATCH = 64
clock = time.process_time  # other processes on the machine must not count; a GPU is timed by the wall clock


class Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.body(x))


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10))


def resnet() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        *(Block(8) for _ in range(2)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )


class Loop:
    """One training loop that runs a number of steps at a time."""

    def __init__(self, make: object, device: str) -> None:
        torch.manual_seed(0)
        self.net = make().to(device)  # type: ignore[operator]
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01)
        self.criterion = nn.CrossEntropyLoss()
        samples = TensorDataset(torch.randn(4096, 784), torch.randint(0, 10, (4096,)))
        self.loader = DataLoader(samples, batch_size=BATCH, shuffle=True)
        self.device = device
        self.batches = self._batches()

    def _batches(self) -> Iterator[list[torch.Tensor]]:
        while True:
            yield from self.loader

    def run(self, steps: int) -> float:
        """Seconds per step."""
        begun = clock()
        for _ in range(steps):
            x, y = next(self.batches)
            x, y = x.to(self.device), y.to(self.device)
            self.optimizer.zero_grad()
            loss = self.criterion(self.net(x), y)
            loss.backward()
            self.optimizer.step()
        if self.device != "cpu":
            torch.cuda.synchronize()
        return (clock() - begun) / steps


def measure(make: object, device: str, rounds: int, steps: int) -> tuple[float, float, float]:
    """Milliseconds of a bare step, the ratio in steady state, milliseconds of a sampled step."""
    bare, watched = Loop(make, device), Loop(make, device)
    bare.run(20)
    offset = 10_000  # the watched loop begins where samples are 512 steps apart
    times: list[tuple[float, float]] = []
    with watch(on_finding=lambda _: None, every=lambda step: growing(step + offset if step > 8 else step)) as state:
        watched.run(20)
        engine = state._engine
        for _ in range(rounds):
            base = pause(engine, bare, steps)
            times.append((base, watched.run(steps)))
    with watch(on_finding=lambda _: None, every=1):
        sampled = watched.run(20)
    base = statistics.median(one for one, _ in times)
    return base * 1e3, statistics.median(two / one for one, two in times), sampled * 1e3


def pause(engine: object, bare: Loop, steps: int) -> float:
    """Bare steps in the same run: every hook is out of the way."""
    from lrcheck.runtime import patches

    state = engine.active_patches  # type: ignore[attr-defined]
    state.undo()
    try:
        return bare.run(steps)
    finally:
        state.__dict__.update(patches.install(engine).__dict__)  # type: ignore[arg-type]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.device != "cpu":
        globals()["clock"] = time.perf_counter
    budget = 1.02 if options.device == "cpu" else 1.01
    worst = 0.0
    for name, make, steps in (("MLP 784-200-200-10", mlp, 100), ("small ResNet", resnet, 30)):
        base, ratio, sampled = measure(make, options.device, options.rounds, steps)
        worst = max(worst, ratio)
        print(f"{name}: bare step {base:.2f} ms, watched / bare {ratio:.3f}, sampled step {sampled:.2f} ms")
    return int(worst > budget)


if __name__ == "__main__":
    sys.exit(main())
