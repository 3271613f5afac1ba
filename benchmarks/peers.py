"""lrcheck and its peers on the same files, in one run: seconds of a whole process, and how often lrcheck is faster.

    python benchmarks/peers.py [FOLDER]

Tools that are not installed are left out: pip install TorchFix fixit dslinter ruff
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec

PYTHON = sys.executable
TOOLS = {
    "lrcheck": (PYTHON, "-m", "lrcheck", "--no-cache", "--isolated", "--exit-zero", "-q"),
    "lrcheck, one process": (PYTHON, "-m", "lrcheck", "--no-cache", "--isolated", "--exit-zero", "-q", "-j", "1"),
    "TorchFix": (PYTHON, "-m", "torchfix", "--select", "ALL"),
    "Fixit": (PYTHON, "-m", "fixit", "lint"),
    "pylint + dslinter": (
        PYTHON, "-m", "pylint", "--load-plugins=dslinter", "--disable=all",
        "--enable=" + ",".join(f"W55{number:02}" for number in range(1, 31)),
    ),
    "ruff (all rules)": (PYTHON, "-m", "ruff", "check", "--no-cache", "--isolated", "--select", "ALL", "--exit-zero"),
}  # fmt: skip
MODULES = {"lrcheck": "lrcheck", "TorchFix": "torchfix", "Fixit": "fixit", "pylint + dslinter": "dslinter", "ruff (all rules)": "ruff"}  # fmt: skip


def main() -> None:
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname((find_spec("torchvision") or sys).origin or "")
    files = sorted(
        os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(".py")
    )
    print(f"{len(files)} files in {folder}, {os.cpu_count()} processors")
    times: dict[str, tuple[float, float]] = {}
    for name, command in TOOLS.items():
        if find_spec(MODULES.get(name, "lrcheck")) is None:
            print(f"{name:<22} is not installed")
            continue
        times[name] = measured([*command, *files])
        wall, processor = times[name]
        ratio = wall / times["lrcheck"][0]
        print(
            f"{name:<22} {wall:8.2f} s  {processor:8.2f} s processor  {len(files) / wall:8.1f} files/s  {ratio:6.2f}x"
        )


def measured(command: list[str]) -> tuple[float, float]:
    """Wall clock and processor time of a process and its children."""
    before = os.times()
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, used


if __name__ == "__main__":
    main()
