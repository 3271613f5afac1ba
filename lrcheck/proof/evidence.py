"""The evidence: one file with what every pair has shown. The committed one lies beside the facts about torch.

Reading it imports nothing heavy, so `lrcheck explain` can quote it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

VERSION = 1
COMMITTED = Path(__file__).resolve().parent.parent / "knowledge" / "evidence.json"

Entry = dict[str, Any]


class EvidenceError(Exception):
    """A file does not hold evidence that this release can read."""


def empty() -> dict[str, Any]:
    """Evidence of nothing."""
    return {"version": VERSION, "machine": {}, "pairs": {}, "devices": {}}


def read(path: Path) -> dict[str, Any]:
    """The evidence in a file; nothing, where there is no file."""
    if not path.is_file():
        return empty()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EvidenceError(f"{path} is no evidence: {error}") from error
    if not isinstance(found, dict) or found.get("version") != VERSION or not isinstance(found.get("pairs"), dict):
        raise EvidenceError(f"{path} is no evidence of version {VERSION}; name another file with --output")
    return {**empty(), **read_back(found)}


def write(path: Path, evidence: Mapping[str, Any]) -> None:
    """Write a file in one step: a table of pairs with one line each."""
    pairs = ",\n".join(f"    {json.dumps(name)}: {_line(entry)}" for name, entry in sorted(evidence["pairs"].items()))
    rest = [f"  {json.dumps(key)}: {_line(evidence[key])}" for key in ("version", "machine", "devices")]
    text = "{\n" + ",\n".join(rest) + ',\n  "pairs": {\n' + pairs + "\n  }\n}\n"
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


@cache
def committed() -> dict[str, Any]:
    """The evidence that comes with lrcheck."""
    return read(COMMITTED)


def of_rule(name: str, pairs: Mapping[str, Entry]) -> dict[str, Entry]:
    """The pairs of a rule: those in its folder."""
    return {key: entry for key, entry in pairs.items() if key.partition("/")[0] == name.replace("-", "_")}


def sentences(name: str, pairs: Mapping[str, Entry]) -> list[str]:
    """What was measured for a rule, one line for a pair."""
    return [f"{key.partition('/')[2]}: {sentence(entry)}" for key, entry in sorted(of_rule(name, pairs).items())]


def sentence(entry: Entry) -> str:
    """What a pair has shown."""
    kind = entry["kind"]
    if kind == "raises":
        error = entry["error"]
        fixed = f"; fixed: {entry['metric']} {shown(entry['fixed'])}" if entry.get("fixed") else ""
        return f"raises {error['type']} in line {error['line']} ({error['message']}){fixed}"
    if kind == "says":
        return f'prints "{entry["bad says"]}" instead of "{entry["fixed says"]}"'
    if kind == "warns":
        return f"the results agree; warns: {entry['warnings'][0]['type']}: {entry['warnings'][0]['message']}"
    if kind == "elsewhere":
        here = "the results agree here" if "bad" in entry else "does not run here"
        return f"{here}; the mistake shows on a machine {entry['where']}"
    if kind == "same":
        return f"the results agree: {entry['metric']} {shown(entry['bad'])}"
    if kind == "unproven" and "bad" not in entry:
        return f"not proven: {entry['why']}"
    return _numbers(kind, entry)


def shown(values: Iterable[float]) -> str:
    """The mean of some values, in a form for people."""
    numbers = list(values)
    mean = sum(numbers) / len(numbers)
    if not math.isfinite(mean):
        return "NaN" if math.isnan(mean) else "infinite"
    size = abs(mean)
    if mean and not 0.001 <= size < 100_000:
        return f"{mean:.1e}"
    return f"{mean:.0f}" if size >= 1000 else f"{mean:.2f}" if size >= 0.1 else f"{mean:.2g}"


def shown_apart(one: Iterable[float], other: Iterable[float]) -> tuple[str, str]:
    """Two means, with as many digits as it takes to tell them apart."""
    first, second = list(one), list(other)
    texts = shown(first), shown(second)
    means = sum(first) / len(first), sum(second) / len(second)
    for digits in (3, 4, 5):
        if texts[0] != texts[1]:
            break
        texts = f"{means[0]:.{digits}f}", f"{means[1]:.{digits}f}"
    return texts


def is_number(entry: Entry) -> bool:
    """Whether the cost that a pair has shown is a number."""
    return entry["kind"] in {"worse", "reported", "costs"}


def ends_of(entry: Entry) -> tuple[str, str]:
    """The two numbers of a pair: what bad says or reaches, and what fixed does, or what is true."""
    return shown_apart(entry["bad"], entry["true"] if entry["kind"] == "reported" else entry["fixed"])


def _numbers(kind: str, entry: Entry) -> str:
    name = entry["metric"]
    bad, fixed = ends_of(entry)
    over = f"{len(entry['bad'])} seeds" if len(entry["bad"]) > 1 else "1 seed"
    if kind == "reported":
        return f"{name} {bad} is reported where {fixed} is true ({over})"
    if kind == "costs":
        ratio = entry["ratio"]
        times = f"{ratio:.3g} times" if math.isfinite(ratio) else "endlessly more"
        return f"{name} {bad} instead of {fixed}, {times} ({over})"
    text = f"{name} {bad} instead of {fixed} ({over}{_around(entry)})"
    return f"not proven: {entry['why']}: {text}" if kind == "unproven" else text


def _around(entry: Entry) -> str:
    around = entry.get("interval")
    if not around or around[0] == around[1]:
        return ""
    difference, low, high = (signed(value) for value in (entry["difference"], *around))
    return f"; difference {difference}, 95 %: {low} to {high}"


def signed(value: float) -> str:
    """A difference, with as many decimals as its size wants."""
    if abs(value) >= 100:
        return f"{value:+.0f}"
    return f"{value:+.2f}" if abs(value) >= 0.095 else f"{value:+.3f}" if abs(value) >= 0.0095 else f"{value:+.1g}"


def _line(value: Any) -> str:
    return json.dumps(_spelt(value), ensure_ascii=False, allow_nan=False, separators=(", ", ": "))


def _spelt(value: Any) -> Any:
    """JSON knows no NaN: what is not finite is spelt out."""
    if isinstance(value, dict):
        return {key: _spelt(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_spelt(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def read_back(value: Any) -> Any:
    """What was read from JSON, with the numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: read_back(each) for key, each in value.items()}
    if isinstance(value, list):
        return [read_back(each) for each in value]
    return float(value) if value in {"nan", "inf", "-inf"} else value
