"""The evidence as text: the table on a terminal, the tables in README."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from lrcheck.proof.evidence import Entry, of_rule, sentence, shown, signed
from lrcheck.proof.pairs import SEEDS
from lrcheck.proof.quotes import plainest
from lrcheck.rule import Rule

_HEADINGS = ("rule or seed", "program", "proof", "bad", "fixed", "difference (95 %) or error")
_WIDEST = 72


def table(entries: Mapping[str, Entry]) -> str:
    """One line for each pair."""
    rows = [_HEADINGS, *(_row(name, entry) for name, entry in sorted(entries.items()))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    lines = ["  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def summary(entries: Mapping[str, Entry]) -> str:
    """How many pairs prove what."""
    kinds = [entry["kind"] for entry in entries.values()]
    by_number = sorted(set(kinds), key=lambda kind: (-kinds.count(kind), kind))
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in by_number)
    return f"{len(kinds)} pair{'' if len(kinds) == 1 else 's'}: {counted}."


def readme_rules(rules: Sequence[Rule], pairs: Mapping[str, Entry]) -> str:
    """The Markdown table of what every rule's mistake costs: the plainest of its pairs."""
    lines = ["| rule | | measured |", "|---|---|---|"]
    for rule in rules:
        found = of_rule(rule.name, pairs)
        if found:
            text = sentence(plainest(found)).replace("|", "\\|")
            off = "" if rule.default else " (off by default)"
            lines.append(f"| {rule.code} | `{rule.name}`{off} | {text} |")
    return "\n".join(lines)


def readme_references(pairs: Mapping[str, Entry]) -> str:
    """The Markdown table of the reference implementations and what they reach."""
    lines = ["| program | accuracy | loss |", "|---|---|---|"]
    for name, entry in sorted(pairs.items()):
        reached = entry.get("reference")
        if name.startswith(SEEDS + "/") and reached:
            accuracy = _mean_of(reached, "accuracy", "training accuracy")
            program = name.partition("/")[2]
            lines.append(f"| [`{program}`](fixtures/{name}/fixed.py) | {accuracy} | {_mean_of(reached, 'loss')} |")
    return "\n".join(lines)


def renewed(text: str, section: str, content: str) -> str:
    """A Markdown text with what stands between the two marks of a section replaced."""
    begin, end = f"<!-- {section} -->", f"<!-- /{section} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"there is no {begin} ... {end}")
    replaced: str = pattern.sub(lambda _: f"{begin}\n{content}\n{end}", text)
    return replaced


def _row(name: str, entry: Entry) -> tuple[str, ...]:
    first, _, program = name.partition("/")
    rule, program = (program, "seed") if first == SEEDS else (first.replace("_", "-"), program)
    kind, metric = entry["kind"], entry.get("metric", "")
    bad = f"{metric} {shown(entry['bad'])}" if entry.get("bad") else ""
    fixed = shown(entry["fixed"]) if entry.get("fixed") else ""
    if kind == "raises" and fixed:
        fixed = f"{metric} {fixed}"
    return rule, program, kind, bad, fixed, _last_column(entry)


def _last_column(entry: Entry) -> str:
    kind = entry["kind"]
    if kind == "raises":
        error = entry["error"]
        return _short(f"{error['type']}, line {error['line']}: {error['message']}")
    if kind == "warns":
        return _short(f"{entry['warnings'][0]['type']}: {entry['warnings'][0]['message']}")
    if kind == "says":
        return _short(sentence(entry))
    if kind in {"same", "elsewhere"}:
        return f"none here; on a machine {entry['where']}" if "where" in entry else "none"
    if kind == "unproven":
        return f"{entry['why']}: {_difference(entry)}" if "difference" in entry else str(entry["why"])
    if kind == "costs":
        return f"{entry['ratio']:.3g} times{_ends(entry).replace('+', '')}"
    if kind == "reported":
        return f"true: {shown(entry['true'])}; off by {signed(entry['difference'])}{_ends(entry)}"
    return _difference(entry)


def _difference(entry: Entry) -> str:
    if not math.isfinite(entry["difference"]):
        return "not a number"
    return signed(entry["difference"]) + _ends(entry)


def _ends(entry: Entry) -> str:
    around = entry.get("interval")
    return f" ({signed(around[0])} to {signed(around[1])})" if around else ""


def _mean_of(reached: Mapping[str, Sequence[float]], *names: str) -> str:
    values = next((reached[name] for name in names if name in reached), None)
    if values is None:
        return ""
    mean = sum(values) / len(values)
    return f"{mean:.1e}" if mean < 0.001 else f"{mean:.3f}"


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3].rstrip() + "..."
