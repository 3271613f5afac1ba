"""What a watched training step costs: watched and bare steps take turns in one run, so that noise hits both alike.

    python benchmarks/watch_overhead.py [--device cuda] [--rounds 200]

Short blocks of bare and watched steps alternate, in steady state (steps 10,000 and later); each step is timed by itself: by
processor time on a CPU, by the clock on a GPU, where work is queued and Python is what is waited for. What a step of the
watch costs does not depend on the model, so it is taken from a step that does next to nothing, where noise is smallest; the
ratio is that cost, and the share of the sampled step, one in 1024, over the bare step of each model. Beside it stands the
ratio as measured with the model itself, with its standard error, to compare. The budget is 1.02 on a CPU (DataLoader
loop) and 1.01 on a GPU.
"""

import argparse
import functools
import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lrcheck.runtime import watch

BATCH = 64
STEADY = 10_000
WARM = 10  # steps until the interpreter has adapted to changed classes
EVERY = 1024  # steps between two samples then


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


def next_to_nothing() -> nn.Module:
    return nn.Sequential(nn.Linear(1, 2))


MODELS = {"MLP 784-200-200-10": (mlp, 20), "small ResNet": (resnet, 10)}  # steps in a block


class Loop:
    """One training loop that runs a number of steps at a time."""

    def __init__(self, make: Callable[[], nn.Module], device: str, features: int = 784, batch: int = BATCH) -> None:
        torch.manual_seed(0)
        self.net = make().to(device)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01)
        self.criterion = nn.CrossEntropyLoss()
        samples = TensorDataset(torch.randn(64 * batch, features), torch.randint(0, 2, (64 * batch,)))
        self.loader = DataLoader(samples, batch_size=batch, shuffle=True)
        self.device = device
        self.clock = time.process_time if device == "cpu" else time.perf_counter
        self.batches = self._batches()

    def _batches(self) -> Iterator[list[torch.Tensor]]:
        while True:
            yield from self.loader

    def run(self, steps: int) -> list[float]:
        """Seconds of each step, behind a few that warm up what a change of hooks has cooled down."""
        times = []
        for _ in range(steps + WARM):
            begun = self.clock()
            x, y = next(self.batches)
            x, y = x.to(self.device), y.to(self.device)
            self.optimizer.zero_grad()
            loss = self.criterion(self.net(x), y)
            loss.backward()
            self.optimizer.step()
            times.append(self.clock() - begun)
        if self.device != "cpu":
            torch.cuda.synchronize()
        return times[WARM:]


class Measured:
    """Steps of a bare and of a watched loop, block by block."""

    def __init__(self, make: Callable[[], Loop], rounds: int, steps: int) -> None:
        bare, watched = make(), make()
        bare.run(20)
        self.pairs: list[tuple[float, float]] = []
        with watch(on_finding=lambda _: None) as state:
            watched.run(40)
            engine: Any = state._engine
            engine.step = STEADY  # samples are 1024 steps apart from here on
            watched.run(2)
            gc.collect()
            gc.freeze()
            for number in range(rounds):
                first = watched.run(steps) if number % 2 else pause(engine, bare, steps)
                other = pause(engine, bare, steps) if number % 2 else watched.run(steps)
                one, two = (statistics.median(each) for each in ((other, first) if number % 2 else (first, other)))
                self.pairs.append((one, two))
            self.calls = count_calls(watched)
        self.bare = statistics.median(one for one, _ in self.pairs)
        with watch(on_finding=lambda _: None, every=1):
            self.sampled = statistics.median(watched.run(20))

    def middle(self, values: list[float]) -> tuple[float, float]:
        """The median and its standard error, from the quartiles."""
        low, middle, high = statistics.quantiles(values, n=4)
        return middle, 1.25 * (high - low) / 1.35 / len(values) ** 0.5

    def added(self) -> tuple[float, float]:
        """Seconds that a step of the watch adds."""
        return self.middle([two - one for one, two in self.pairs])

    def ratio(self) -> tuple[float, float]:
        return self.middle([two / one for one, two in self.pairs])


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
    return count / (steps + WARM)


def pause(engine: Any, bare: Loop, steps: int) -> list[float]:
    """Bare steps in the same run: every hook is out of the way."""
    from lrcheck.runtime import patches

    engine.active_patches.undo()
    engine.evaluation.calls.listen(on=False)
    try:
        return bare.run(steps)
    finally:
        engine.evaluation.calls.listen(on=True)
        engine.active_patches.__dict__.update(patches.install(engine).__dict__)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(1)
    budget, worst = 1.02 if options.device == "cpu" else 1.01, 0.0
    least = Measured(lambda: Loop(next_to_nothing, options.device, 1, 2), options.rounds, 100)
    cost, error = least.added()
    print(
        f"a step that does next to nothing takes {least.bare * 1e6:.0f} us; the watch adds {cost * 1e6:.1f} +- {error * 1e6:.1f} us, "
        f"{least.calls:.1f} calls"
    )
    for name, (make, steps) in MODELS.items():
        seen = Measured(functools.partial(Loop, make, options.device), options.rounds, steps)
        samples = (seen.sampled - seen.bare) / EVERY
        ratio = 1 + (cost + samples) / seen.bare
        worst = max(worst, ratio)
        direct, error = seen.ratio()
        print(
            f"{name}: bare step {seen.bare * 1e3:.3f} ms, watched / bare {ratio:.4f}, of which {samples * 1e6:.1f} us for the sampled step "
            f"({seen.sampled * 1e3:.1f} ms) in {EVERY}; measured directly, without it: {direct:.4f} +- {error:.4f}"
        )
    return int(worst > budget)


if __name__ == "__main__":
    sys.exit(main())
