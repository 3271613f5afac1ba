"""What programs print: the last line is `<name> <number>`, lines before it may give further metrics in the same form.

Also read: `epoch 3: loss 0.123` (the last one counts) and the lines of tutorial programs (`Accuracy: 238/360 (66%)`).
A metric and its namesake `true <name>` are what is reported and what holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|nan|[-+]?inf"
_LINE = re.compile(rf"(?:epoch \d+: )?([A-Za-z][\w` .&-]*?)[:=]? +({_NUMBER})( ?%)?", re.IGNORECASE)
_TUTORIAL = re.compile(rf"(average loss|accuracy): (?:(\d+)(?:\.0)?/(\d+)|({_NUMBER})(%)?)", re.IGNORECASE)

_HIGHER = frozenset(("accuracy", "acc", "auc", "f1", "precision", "recall", "score", "correct", "right", "r2", "psnr"))
_LOWER = frozenset(("loss", "error", "perplexity", "mse", "mae", "distance", "deviation", "gap", "misses", "wrong"))
_COST = frozenset(("memory", "seconds", "time", "bytes", "mb", "mib", "kb", "kib", "graphs", "milliseconds", "ms"))


def read(output: str) -> dict[str, float]:
    """The metrics in the order of their lines, the last value of each name."""
    found: dict[str, float] = {}
    for line in output.splitlines():
        for name, value in _of_line(line.strip()):
            found.pop(name, None)
            found[name] = value
    return found


def better(name: str) -> int:
    """1: higher values are better, -1: lower ones, 0: the name does not say."""
    words = _words(name)
    if words & _LOWER or words & _COST:
        return -1
    return 1 if words & _HIGHER else 0


def is_cost(name: str) -> bool:
    """Whether a metric counts time or memory: compared as a ratio."""
    return bool(_words(name) & _COST)


def truth_of(name: str, metrics: Iterable[str]) -> str | None:
    """The name of the true value of a reported metric."""
    known = set(metrics)
    plain = name.removeprefix("reported ").removeprefix("printed ")
    return next((each for each in (f"true {plain}", f"real {plain}", f"actual {plain}") if each in known), None)


def _of_line(line: str) -> list[tuple[str, float]]:
    if match := _LINE.fullmatch(line):
        value = float(match.group(2))
        return [(_tidy(match.group(1)), value / 100 if match.group(3) else value)]
    found = []
    for match in _TUTORIAL.finditer(line):
        name, part, whole, number, percent = match.groups()
        value = int(part) / max(int(whole), 1) if part else float(number)
        found.append((_tidy(name), value / 100 if percent else value))
    return found


def _tidy(name: str) -> str:
    tidy = " ".join(name.lower().replace("`", "").replace("_", " ").split())
    return {"test acc": "accuracy", "acc": "accuracy"}.get(tidy, tidy)


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", name.lower()))
