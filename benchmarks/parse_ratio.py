"""What checking costs, as ratios that can be compared between machines. One run measures everything.

    python benchmarks/parse_ratio.py [FOLDER]

FOLDER is the input, by default the installed torchvision package. The exit status is 1 where a budget is exceeded.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec

import libcst

from lrcheck.cache import Cache
from lrcheck.check import TOO_LARGE, Checker
from lrcheck.config import Configs
from lrcheck.rule import discover
from lrcheck.runner import Runner
from lrcheck.sources import find_files, mentions_torch
from lrcheck.static.memory import collect

SMALL = """\
import torch
from torch import nn

net = nn.Linear(4, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in data:
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
UNIT = """
def train_{0}(model, loader, optimizer, device):
    model.train()
    total = 0.0
    for inputs, labels in loader:
        inputs, labels = inputs.to(device), labels.to(device)
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = torch.nn.functional.cross_entropy(outputs, labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * labels.size(0)
    return total / len(loader.dataset)
"""


def main() -> int:
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname((find_spec("torchvision") or sys).origin or "")
    gc.disable()
    files = [path for path in find_files(folder) if mentions_torch(content(path))]
    print(f"{len(files)} files, {sum(map(os.path.getsize, files)) / 1e6:.2f} MB in {folder}")
    checks = [
        ("check : libcst.parse_module", parse_ratio(files), 1.5),
        ("cached : cold", cached_ratio(files), 0.05),
        ("10x the code : 1x", growth(), 11.0),
        ("slowest file, s", slowest(files), 5.0),
        ("peak memory on the largest file, MB", peak(files), 200.0),
        ("one small script, s", whole_process("small.py", "--no-cache"), 0.4),
        ("--version, s", whole_process("--version"), 0.1),
        ("seconds for 100 MB without torch", 100 / plain_speed(), 1.0),
    ]
    for name, value, budget in checks:
        print(f"{'ok ' if value <= budget else 'OVER'} {name:<36} {value:8.3f}   budget {budget}")
    return int(any(value > budget for _, value, budget in checks))


def content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def seconds(work: Callable[[], object]) -> float:
    """Processor time, because other programs run on the same machine."""
    start = time.process_time()
    work()
    return time.process_time() - start


def parse_ratio(files: list[str]) -> float:
    """Each file is parsed and checked in turn, so that a busy machine slows down both; the best of three counts."""
    checkers = [Checker(discover()) for _ in range(3)]
    parse = check = 0.0
    for path in files:
        text = content(path).decode()
        parse += min(seconds(lambda text=text: libcst.parse_module(text)) for _ in checkers)  # type: ignore[misc]
        check += min(seconds(lambda path=path, checker=checker: checked(checker, path)) for checker in checkers)  # type: ignore[misc]
    print(f"     parse {parse:.2f} s, check {check:.2f} s")
    return check / parse


def checked(checker: Checker, path: str) -> None:
    result = checker.check_path(path)
    collect()  # what a worker does
    if any(error.internal for error in result.errors):
        raise SystemExit(f"{path}: {result.errors}")


def cached_ratio(files: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = (seconds(lambda: Runner(Configs(), cache=Cache(folder)).results(files)) for _ in range(2))
    return warm / cold


def growth() -> float:
    def program(count: int) -> bytes:
        return ("import torch\n" + "".join(UNIT.format(number) for number in range(count))).encode()

    checker = Checker(discover())
    checker.check_bytes("warm.py", program(5))
    small = min(seconds(lambda: checker.check_bytes("small.py", program(50))) for _ in range(5))
    return min(seconds(lambda: checker.check_bytes("large.py", program(500))) for _ in range(3)) / small


def slowest(files: list[str]) -> float:
    checker = Checker(discover())
    return max(seconds(lambda path=path: checker.check_path(path)) for path in files)  # type: ignore[misc]


MEMORY = """\
import resource, sys
from lrcheck.check import Checker
from lrcheck.rule import discover
Checker(discover()).check_path(sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak(files: list[str]) -> float:
    """MB of a process that checks one of the largest files, of torch itself where it is installed."""
    torch = find_spec("torch")
    folders = torch.submodule_search_locations if torch else None
    candidates = [path for path in find_files(folders[0]) if path.endswith(".py")] if folders else files
    largest = sorted((path for path in candidates if os.path.getsize(path) <= TOO_LARGE), key=os.path.getsize)[-5:]
    runs = [
        subprocess.run([sys.executable, "-c", MEMORY, path], capture_output=True, text=True, check=True)
        for path in largest
    ]
    return max(float(run.stdout) for run in runs)


def whole_process(*arguments: str) -> float:
    """Processor time of a process of its own, compiled before as an installed package is."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "small.py"), "w", encoding="utf-8") as file:
            file.write(SMALL)
        times = []
        for _ in range(5):
            before = os.times()
            subprocess.run(
                [sys.executable, "-m", "lrcheck", *arguments],
                cwd=folder,
                env=variables,
                stdout=subprocess.DEVNULL,
                check=False,
            )
            after = os.times()
            times.append(after[2] + after[3] - before[2] - before[3])
    return min(times)


def plain_speed() -> float:
    """MB/s for files that do not mention the package."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"f{number}.py") for number in range(100)]
        for path in paths:
            with open(path, "w", encoding="utf-8") as file:
                file.write("value = 'nothing of interest here'\n" * 15_000)
        size = sum(map(os.path.getsize, paths)) / 1e6
        return size / seconds(lambda: Runner(Configs()).results(paths))


if __name__ == "__main__":
    raise SystemExit(main())
