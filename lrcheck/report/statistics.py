"""How often each rule found something: `--statistics`."""

from __future__ import annotations

from collections import Counter

from lrcheck.report import Outcome


def render(outcome: Outcome) -> str:
    """One line for each rule, the most frequent first."""
    counts = Counter((found.code, found.name, found.level.value) for found in outcome.diagnostics)
    if not counts:
        return ""
    width = len(str(max(counts.values())))
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:>{width}}  {code}  {level:<7}  {name}\n" for (code, name, level), count in rows)
