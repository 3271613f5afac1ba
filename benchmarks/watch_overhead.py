"""What a watched training step costs: watched and bare steps take turns in one run, so that noise hits both alike.

    python benchmarks/watch_overhead.py [--device cuda] [--rounds 100]

Short blocks of bare and watched steps alternate, each pair begins with the other one, and processor time is taken on a CPU:
other processes hit both sides of a pair alike. Prints, per model, the median time of a bare step, the median ratio of the
pairs in steady state (steps 10,000 and later, where samples are 1024 steps apart), and the cost of a sampled step. The
budget is 1.02 on a CPU (DataLoader loop) and 1.01 on a GPU.
"""

import argparse
import gc
import os
import statistics
import sys
import time
from collections.abc import Iterator
from types import FrameType

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lrcheck.runtime import watch

BATCH = 64
STEADY = 10_000
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


def measure(make: object, device: str, rounds: int, steps: int) -> tuple[float, list[float], float, float]:
    """Seconds of a bare step, the ratio of each pair of blocks, Python calls of lrcheck per step, seconds of a sampled step."""
    bare, watched = Loop(make, device), Loop(make, device)
    bare.run(20)
    pairs: list[tuple[float, float]] = []
    with watch(on_finding=lambda _: None) as state:
        watched.run(40)
        engine = state._engine
        engine.step = STEADY  # samples are 1024 steps apart from here on
        watched.run(2)
        gc.collect()
        gc.freeze()
        for number in range(rounds):
            if number % 2:
                base = pause(engine, bare, steps)
                pairs.append((base, watched.run(steps)))
            else:
                ours = watched.run(steps)
                pairs.append((pause(engine, bare, steps), ours))
        calls = count_calls(watched)
    with watch(on_finding=lambda _: None, every=1):
        watched.run(4)
        sampled = watched.run(10)
    return statistics.median(one for one, _ in pairs), [two / one for one, two in pairs], calls, sampled


def count_calls(loop: Loop, steps: int = 20) -> float:
    """Calls of Python functions of lrcheck in one step."""
    count = 0

    def look(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and f"{os.sep}lrcheck{os.sep}" in frame.f_code.co_filename

    sys.setprofile(look)
    try:
        loop.run(steps)
    finally:
        sys.setprofile(None)
    return count / steps


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
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.device != "cpu":
        globals()["clock"] = time.perf_counter
    budget = 1.02 if options.device == "cpu" else 1.01
    worst = 0.0
    for name, make, steps in (("MLP 784-200-200-10", mlp, 20), ("small ResNet", resnet, 10)):
        base, ratios, calls, sampled = measure(make, options.device, options.rounds, steps)
        ratio = statistics.median(ratios)
        low, high = (statistics.quantiles(ratios, n=20)[at] for at in (0, 18))
        worst = max(worst, ratio)
        print(
            f"{name}: bare step {base * 1e3:.2f} ms, watched / bare {ratio:.3f} (middle 90 % of {len(ratios)} pairs: {low:.3f} "
            f"to {high:.3f}), {(ratio - 1) * base * 1e6:.0f} us and {calls:.1f} calls a step, sampled step {sampled * 1e3:.1f} ms"
        )
    return int(worst > budget)


if __name__ == "__main__":
    sys.exit(main())
